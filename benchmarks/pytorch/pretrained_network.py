"""A network on a pretrained encoder, in PyTorch: the encoder's operations in eager mode, and gated blocks as the paper's figure shows them.

    python3 pretrained_network.py --parity FOLDER --batch 24 --extent 224 --serve [--threads 2]

FOLDER holds network.json, the description of the network and the list of its tensors, and tensors.bin, their values. The script first checks
that its logits are those that the library computed from the weights and pixels there. Then, for each line on standard input, it measures: "step"
gives the seconds of a training step (forward, focal loss, backward, AdamW), "peak" the most physical memory of the process in bytes. Needs torch
alone.
"""

import argparse
import array
import json
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

from literal_network import LABELS, OPEN, STEEPNESS, TASKS, focal_loss

TOLERANCE = 1e-3


class Encoder(nn.Module):
    """The operations of an imported file, in their order."""

    def __init__(self, description, tensors):
        super().__init__()
        self.nodes = description["nodes"]
        self.input = description["input"]
        self.output = description["source"]["output"]
        self.weights = nn.ParameterDict()
        for node in self.nodes:
            for role in ("weight", "bias", "scale", "shift"):
                if node.get(role):
                    self.weights[node[role]] = nn.Parameter(tensors[f"encoder.{node[role]}"])
            for role in ("mean", "variance"):
                if node.get(role):
                    self.register_buffer(node[role], tensors[f"encoder.{node[role]}"])
        normalization = description["normalization"]
        self.reverses = normalization["order"] == "Bgr"
        self.scale = normalization["scale"]
        self.register_buffer("mean", torch.tensor(normalization["mean"]).reshape(1, -1, 1, 1))
        self.register_buffer("deviation", torch.tensor(normalization["deviation"]).reshape(1, -1, 1, 1))

    def forward(self, pixels):
        x = pixels.flip(1) if self.reverses else pixels
        values = {self.input: (x * self.scale - self.mean) / self.deviation}
        for node in self.nodes:
            values[node["output"]] = getattr(self, node["kind"])(node, values)
        return values[self.output]

    def convolution(self, node, values):
        window = node["window"]
        bias = self.weights[node["bias"]] if node["bias"] else None
        x, padding, rows, columns = self.padded(values[node["input"]], window)
        y = F.conv2d(
            x, self.weights[node["weight"]], bias, stride=(window["strideY"], window["strideX"]), padding=padding,
            dilation=(window["dilationY"], window["dilationX"]), groups=node["groups"])
        return y[:, :, :rows, :columns]

    def pooling(self, node, values):
        window = node["window"]
        x, padding, rows, columns = self.padded(values[node["input"]], window)
        y = F.max_pool2d(
            x, (window["kernelHeight"], window["kernelWidth"]), (window["strideY"], window["strideX"]), padding,
            (window["dilationY"], window["dilationX"]))
        return y[:, :, :rows, :columns]

    def normalization(self, node, values):
        return F.batch_norm(
            values[node["input"]], getattr(self, node["mean"]), getattr(self, node["variance"]), self.weights[node["scale"]],
            self.weights[node["shift"]], self.training, 0.1, node["epsilon"])

    def activation(self, node, values):
        assert node["function"] == "Relu", node
        # As torchvision's networks do.
        return F.relu(values[node["input"]], inplace=True)

    def arithmetic(self, node, values):
        assert node["operation"] == "Add", node
        return values[node["left"]] + values[node["right"]]

    @staticmethod
    def padded(x, window):
        """PyTorch pads both sides alike: it computes some last positions that the operation does not have."""
        assert window["bottom"] <= window["top"] and window["right"] <= window["left"], window

        def positions(extent, before, after, kernel, stride, dilation):
            return (extent + before + after - dilation * (kernel - 1) - 1) // stride + 1

        rows = positions(x.shape[2], window["top"], window["bottom"], window["kernelHeight"], window["strideY"], window["dilationY"])
        columns = positions(x.shape[3], window["left"], window["right"], window["kernelWidth"], window["strideX"], window["dilationX"])
        return x, (window["top"], window["left"]), rows, columns


class Gates(nn.Module):
    """Batch normalization, then a gated copy for every task."""

    def __init__(self, path, channels, tensors):
        super().__init__()
        self.channels = channels
        self.register_buffer("mean", tensors[f"{path}.running_mean"].flatten())
        self.register_buffer("variance", tensors[f"{path}.running_var"].flatten())
        self.a = nn.Parameter(tensors[f"{path}.a"].reshape(TASKS, TASKS * channels))
        self.register_buffer("own", torch.eye(TASKS).repeat_interleave(channels, dim=1))

    def forward(self, features):
        normalized = F.batch_norm(features, self.mean, self.variance, None, None, self.training, 0.1, 1e-5)
        values = self.own * OPEN + (1 - self.own) * self.a
        alphas = 1 / (1 + torch.exp(-STEEPNESS * values))
        return [normalized * alpha.reshape(1, -1, 1, 1) for alpha in alphas]


class PretrainedNetwork(nn.Module):
    def __init__(self, description, tensors):
        super().__init__()
        self.encoder = Encoder(description["encoder"], tensors)
        self.blocks = description["blocks"]
        self.dropout = nn.Dropout(description["heads"]["dropout"])
        self.gates = nn.ModuleList(Gates(f"sharing.{b}", block["channels"], tensors) for b, block in enumerate(self.blocks))

        def parts(name):
            """A convolution per task."""
            return nn.ParameterList(nn.Parameter(part.clone()) for part in tensors[name].chunk(TASKS))

        self.kernels = nn.ModuleList(parts(f"blocks.{b}.kernel") for b in range(len(self.blocks)))
        mixes = [f"blocks.{b}.mix" for b in range(1, len(self.blocks))] + ["heads.mix"]
        self.mix_weights = nn.ModuleList(parts(f"{mix}.weight") for mix in mixes)
        self.mix_biases = nn.ModuleList(parts(f"{mix}.bias") for mix in mixes)
        self.logit_weights = nn.ParameterList(nn.Parameter(tensors[f"heads.logits_weight.{task}"]) for task in range(TASKS))
        self.logit_biases = nn.ParameterList(nn.Parameter(tensors[f"heads.logits_bias.{task}"]) for task in range(TASKS))

    def forward(self, pixels):
        inputs = [self.encoder(pixels)] * TASKS
        for b, (block, gate) in enumerate(zip(self.blocks, self.gates)):
            if b > 0:
                inputs = [self.mix(b - 1, task, x) for task, x in enumerate(inputs)]
            convolved = [
                F.conv2d(x, kernel, stride=block["stride"], padding=block["padding"]) for x, kernel in zip(inputs, self.kernels[b])]
            pooled = [F.relu(x if block["pooling"] == 1 else F.max_pool2d(x, block["pooling"])) for x in convolved]
            inputs = gate(torch.cat(pooled, 1))
        pooled = [self.mix(len(self.blocks) - 1, task, x).mean((2, 3)) for task, x in enumerate(inputs)]
        return [
            F.linear(self.dropout(x), weight, bias) for x, weight, bias in zip(pooled, self.logit_weights, self.logit_biases)]

    def mix(self, index, task, x):
        weight = self.mix_weights[index][task]
        return F.relu(F.conv2d(x, weight.reshape(*weight.shape[-2:], 1, 1), self.mix_biases[index][task]))


def read(folder):
    with open(os.path.join(folder, "network.json"), encoding="utf-8") as file:
        content = json.load(file)
    values = array.array("f")
    with open(os.path.join(folder, "tensors.bin"), "rb") as file:
        values.frombytes(file.read())
    flat = torch.frombuffer(values, dtype=torch.float32)
    tensors, start = {}, 0
    for entry in content["tensors"]:
        count = 1
        for extent in entry["shape"]:
            count *= extent
        tensors[entry["name"]] = flat[start:start + count].reshape(entry["shape"]).clone()
        start += count
    return content["network"], tensors


def optimizer(network, rates):
    gates = list(network.gates.parameters())
    encoder = list(network.encoder.parameters())
    excluded = {id(parameter) for parameter in gates + encoder}
    rest = [parameter for parameter in network.parameters() if id(parameter) not in excluded]

    def groups(parameters, rate):
        """Weights decay; biases and normalizations, which have one axis, do not."""
        return [
            {"params": [p for p in parameters if p.dim() > 1], "lr": rate, "weight_decay": rates["weightDecay"]},
            {"params": [p for p in parameters if p.dim() <= 1], "lr": rate, "weight_decay": 0.0}]

    return torch.optim.AdamW(
        [*groups(encoder, rates["encoder"]), *groups(rest, rates["rest"]), {"params": gates, "lr": rates["gates"], "weight_decay": 0.0}])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parity", metavar="FOLDER", required=True)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--extent", type=int, default=224)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--serve", action="store_true", required=True)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)

    description, tensors = read(options.parity)
    expected = [tensors.pop(f"expected.{task}") for task in range(TASKS)]
    pixels = tensors.pop("pixels")
    network = PretrainedNetwork(description, tensors)
    # In double precision: single precision is what is measured, and on some processors torch computes it incorrectly.
    network.double().eval()
    with torch.no_grad():
        logits = network(pixels.double())
    difference = max((own - other.double()).abs().max().item() for own, other in zip(logits, expected))
    if not difference <= TOLERANCE:
        sys.exit(f"The network is not that of the library: they differ by {difference:.3g}.")
    network.float().train()
    adam = optimizer(network, description["rates"])

    torch.manual_seed(1)
    images = torch.rand(options.batch, 3, options.extent, options.extent)
    labels = [torch.randint(0, count, (options.batch,)) for count in LABELS]
    weights = [torch.rand(options.batch) + 0.5 for _ in LABELS]

    def step():
        start = time.perf_counter()
        adam.zero_grad()
        loss = focal_loss(network(images), labels, weights)
        loss.backward()
        adam.step()
        loss.item()
        return time.perf_counter() - start

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    print(json.dumps({
        "torch": torch.__version__, "threads": torch.get_num_threads(), "device": "cpu", "largestDifference": difference}), flush=True)
    measures = {"step": step, "peak": peak}
    for line in sys.stdin:
        print(json.dumps(measures[line.strip()]()), flush=True)


if __name__ == "__main__":
    main()
