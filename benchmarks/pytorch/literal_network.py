"""The gated multi-task network as the paper's figure shows it, in PyTorch: the mathematics of Baselines/LiteralNetwork.cs.

    python3 literal_network.py --width 1 --batch 144 --rounds 7 [--device cuda] [--compile] [--parity handover.json]

Prints JSON: the seconds of every training step (forward, focal loss, backward, Adam) and of every scoring of a batch. With
--parity it first checks that logits and loss are those that the library computed from the weights and pixels in the file.
With --serve it measures on request instead, so that another program can alternate with it: for each line "step" or "score"
on standard input it does that once and writes the seconds. Needs torch alone.
"""

import argparse
import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

LABELS = (5, 3, 2, 3, 3, 3, 3, 2)
FILTERS = (2, 4, 8, 16)
TASKS = len(LABELS)
MIX_FACTOR = 4
STEEPNESS = 3.0
OPEN = 100.0
TOLERANCE = 1e-3


class Branch(nn.Module):
    """The convolutions of one task."""

    def __init__(self, filters):
        super().__init__()
        self.mix = nn.ModuleList(nn.Conv2d(TASKS * c, MIX_FACTOR * c, 1) for c in filters[:-1])
        read = (3, *(MIX_FACTOR * c for c in filters[:-1]))
        self.convolutions = nn.ModuleList(
            nn.Conv2d(r, c, 5 if block == 0 else 3, stride=2 if block == 0 else 1, bias=False)
            for block, (r, c) in enumerate(zip(read, filters)))

    def forward(self, x, block):
        if block > 0:
            x = F.relu(self.mix[block - 1](x))
        return F.max_pool2d(F.relu(self.convolutions[block](x)), 2, 2)


class Gates(nn.Module):
    """Batch normalization, then a gated copy for every task."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(TASKS * channels, eps=1e-5, momentum=0.1, affine=False)
        self.a = nn.Parameter(torch.zeros(TASKS, TASKS * channels))
        self.register_buffer("own", torch.eye(TASKS).repeat_interleave(channels, dim=1))

    def forward(self, features):
        normalized = self.norm(features)
        values = self.own * OPEN + (1 - self.own) * self.a
        alphas = 1 / (1 + torch.exp(-STEEPNESS * values))
        return [normalized * alpha.reshape(1, -1, 1, 1) for alpha in alphas]


class Head(nn.Module):
    def __init__(self, channels, labels, dropout):
        super().__init__()
        width = MIX_FACTOR * channels
        self.mix = nn.Conv2d(TASKS * channels, width, 1)
        self.dense = nn.Linear(width, width)
        self.logits = nn.Linear(width, labels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, gated):
        pooled = F.relu(self.mix(gated)).mean((2, 3))
        return self.logits(self.dropout(F.relu(self.dense(self.dropout(pooled)))))


class LiteralNetwork(nn.Module):
    def __init__(self, width=1, dropout=0.3):
        super().__init__()
        filters = [width * c for c in FILTERS]
        self.branches = nn.ModuleList(Branch(filters) for _ in LABELS)
        self.gates = nn.ModuleList(Gates(c) for c in filters)
        self.heads = nn.ModuleList(Head(filters[-1], labels, dropout) for labels in LABELS)

    def forward(self, pixels):
        inputs = [pixels] * TASKS
        for block, gate in enumerate(self.gates):
            inputs = gate(torch.cat([branch(x, block) for branch, x in zip(self.branches, inputs)], 1))
        return [head(x) for head, x in zip(self.heads, inputs)]


def focal_loss(logits, labels, weights):
    """The sum over the tasks of mean(w · (1 − p)² · −log p)."""
    total = 0
    for task_logits, task_labels, task_weights in zip(logits, labels, weights):
        p = F.softmax(task_logits, 1).gather(1, task_labels.unsqueeze(1)).squeeze(1)
        total = total + (task_weights * (1 - p) ** 2 * -torch.log(p)).mean()
    return total


def adam(network):
    gates = list(network.gates.parameters())
    weights = [*network.branches.parameters(), *network.heads.parameters()]
    return torch.optim.Adam(
        [
            {"params": [w for w in weights if w.dim() > 1], "weight_decay": 1e-4},
            {"params": [w for w in weights if w.dim() == 1]},
            {"params": gates, "lr": 1e-1},
        ],
        lr=1e-3)


def check_parity(path, device):
    """Compares with the library, from its weights; gives the largest difference."""
    with open(path, encoding="utf-8") as file:
        handover = json.load(file)

    # In double precision: single precision is what is measured, and on some processors torch computes it incorrectly.
    def tensor(entry, dtype=torch.float64):
        return torch.tensor(entry["values"], dtype=dtype).reshape(entry["shape"]).to(device)

    network = LiteralNetwork(handover["width"], dropout=0.0).double()
    network.load_state_dict({name: tensor(entry) for name, entry in handover["state"].items()})
    network.to(device)
    pixels = tensor(handover["pixels"])
    network.eval()
    with torch.no_grad():
        logits = network(pixels)
    network.train()
    with torch.no_grad():
        loss = focal_loss(
            network(pixels),
            [tensor(entry, torch.int64) for entry in handover["labels"]],
            [tensor(entry) for entry in handover["weights"]])
    difference = max((own - tensor(entry)).abs().max().item() for own, entry in zip(logits, handover["logits"]))
    difference = max(difference, abs(loss.item() - handover["trainingLoss"]))
    if not difference <= TOLERANCE:
        sys.exit(f"The network is not that of the library: they differ by {difference:.3g}.")
    return difference


class Measurement:
    """A network with a mini-batch."""

    def __init__(self, options, device):
        torch.manual_seed(1)
        self.device = device
        self.network = LiteralNetwork(options.width).to(device)
        self.adam = adam(self.network)
        size = options.batch
        self.pixels = torch.rand(size, 3, options.extent, options.extent, device=device)
        self.labels = [torch.randint(0, labels, (size,), device=device) for labels in LABELS]
        self.weights = [torch.rand(size, device=device) + 0.5 for _ in LABELS]
        # Compiled without the optimizer: what torch.compile is usually given.
        self.forward = torch.compile(self.network) if options.compile else self.network

    def step(self):
        self.network.train()
        start = time.perf_counter()
        self.adam.zero_grad()
        loss = focal_loss(self.forward(self.pixels), self.labels, self.weights)
        loss.backward()
        self.adam.step()
        loss.item()
        return self.seconds_since(start)

    def score(self):
        self.network.eval()
        start = time.perf_counter()
        with torch.no_grad():
            [F.softmax(logits, 1).cpu() for logits in self.forward(self.pixels)]
        return self.seconds_since(start)

    def seconds_since(self, start):
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--compile", action="store_true", help="with torch.compile, which torch has from 2.0 on")
    parser.add_argument("--width", type=int, default=1)
    parser.add_argument("--batch", type=int, default=144)
    parser.add_argument("--extent", type=int, default=256, help="height and width of the images")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, help="for the processor; torch's choice where not given")
    parser.add_argument("--parity", metavar="FILE", help="what the library computed, to compare with first")
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()

    if options.compile and not hasattr(torch, "compile"):
        sys.exit(f"torch {torch.__version__} has no torch.compile; it came with 2.0.")
    if options.device == "cuda" and not torch.cuda.is_available():
        sys.exit(f"torch {torch.__version__} finds no CUDA device.")
    if options.threads:
        torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    about = {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "compiled": options.compile,
        "largestDifference": None,
    }
    if options.parity:
        # Convolutions with 11 bits, cuDNN's default, are enough to train but not to compare.
        with torch.backends.cudnn.flags(allow_tf32=False):
            about["largestDifference"] = check_parity(options.parity, device)
    measurement = Measurement(options, device)
    if options.serve:
        print(json.dumps(about), flush=True)
        measures = {"step": measurement.step, "score": measurement.score}
        for line in sys.stdin:
            print(json.dumps(measures[line.strip()]()), flush=True)
        return

    measurement.step()
    measurement.score()
    steps = [measurement.step() for _ in range(options.rounds)]
    scorings = [measurement.score() for _ in range(options.rounds)]
    print(json.dumps({
        **about,
        "width": options.width,
        "batch": options.batch,
        "extent": options.extent,
        "stepSeconds": steps,
        "stepMedian": statistics.median(steps),
        "scoreSeconds": scorings,
        "scoreMedian": statistics.median(scorings),
    }, indent=2))


if __name__ == "__main__":
    main()
