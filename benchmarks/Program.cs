using System.Diagnostics;
using Derm7pt.MLNet;
using Derm7pt.MLNet.Network;
using Derm7pt.MLNet.Training;
using Derm7pt.MLNet.Benchmarks.Baselines;
using TorchSharp;
using static TorchSharp.torch;

int width = int.Parse(args[0]), batch = int.Parse(args[1]), rounds = int.Parse(args[2]);
string which = args.Length > 3 ? args[3] : "both";
var shape = new NetworkShape([5, 3, 2, 3, 3, 3, 3, 2], [2 * width, 4 * width, 8 * width, 16 * width], GateMode.Learned, 3, 0.3);
using var fused = new GatedMultiTaskNetwork(shape, 1);
using var literal = new LiteralNetwork(shape).CopyFrom(fused);
var pixels = rand(batch, 3, 256, 256);
var labels = shape.LabelCounts.Select(l => randint(0, l, new long[] { batch }, dtype: int64)).ToArray();
var weights = ones(batch);
var settings = new TrainingSettings { BatchesPerEpoch = 1, MaximumEpochs = 1, Patience = 1, EarlyStoppingMetric = EarlyStoppingMetric.ValidationLoss, LearningRate = 1e-3, GateLearningRate = 1e-1, FocusingParameter = 2, L2Regularization = 1e-4, GateL1Regularization = 0, Augmentation = null, Seed = 1 };
using var opt = new NetworkOptimizer(fused, settings);
var litOpt = optim.Adam(new[] { new TorchSharp.Modules.Adam.ParamGroup(literal.Weights, 1e-3), new TorchSharp.Modules.Adam.ParamGroup(literal.GateParameters, 1e-1) });
var gen = new Generator(1);
{ using var s = NewDisposeScope(); fused.eval(); literal.eval(); using var ng = no_grad();
  var a = fused.forward(pixels.narrow(0,0,8)).Logits; var b = literal.forward(pixels.narrow(0,0,8));
  Console.WriteLine("max diff " + a.Zip(b).Max(p => (p.First - p.Second).abs().max().ToSingle())); }
fused.train(); literal.train();
double Step(bool lit)
{
    long t = Stopwatch.GetTimestamp();
    using var s = NewDisposeScope();
    var logits = lit ? literal.forward(pixels) : fused.Forward(pixels, gen).Logits;
    Tensor loss = zeros(1);
    for (int i = 0; i < logits.Count; i++) loss = loss + FocalLoss.Mean(logits[i], labels[i], weights, batch, 2);
    loss = loss.sum();
    if (lit) { litOpt.zero_grad(); loss.backward(); litOpt.step(); } else opt.Step(loss);
    loss.ToDouble();
    return Stopwatch.GetElapsedTime(t).TotalMilliseconds;
}
List<double> f = new(), l = new();
for (int r = 0; r < rounds; r++) { if (which != "literal") f.Add(Step(false)); if (which != "fused") l.Add(Step(true)); }
double Med(List<double> x) => x.Count == 0 ? double.NaN : x.Skip(1).Order().ElementAt((x.Count - 1) / 2);
Console.WriteLine($"fused {Med(f):f0} ms ({batch / Med(f) * 1000:f1}/s) literal {Med(l):f0} ms ({batch / Med(l) * 1000:f1}/s) ratio {Med(l) / Med(f):f2}");
Console.WriteLine(File.ReadAllLines("/proc/self/status").First(x => x.StartsWith("VmHWM")));
