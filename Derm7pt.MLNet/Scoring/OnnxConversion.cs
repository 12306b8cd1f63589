using System.Diagnostics;

namespace Derm7pt.MLNet.Scoring;

/// <summary>Refuses ML.NET's <c>ConvertToOnnx</c>, which would leave the network out and succeed.</summary>
/// <remarks>
/// The converter asks every stage for an interface that is internal to ML.NET, takes the output of a stage without it for the input
/// of the graph, and writes nodes that copy inputs to outputs. It calls no public member that other callers do not call
/// too, so that it can be recognized only by its stack frame.
/// </remarks>
internal static class OnnxConversion
{
    private const string Converter = "Microsoft.ML.OnnxConverter";

    /// <exception cref="NotSupportedException">The converter has called.</exception>
    public static void ThrowIfCalledByConverter()
    {
        // A stack trace takes time, and most processes have no converter.
        if (!AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == Converter))
            return;
        foreach (StackFrame frame in new StackTrace().GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame)?.DeclaringAssemblyName.Split(',')[0] == Converter)
            {
                throw new NotSupportedException(
                    $"ConvertToOnnx cannot convert the stage of {nameof(Derm7ptMultiTaskTransformer)}: it would write a graph without the " +
                    $"network. Use {nameof(Derm7ptMultiTaskTransformer)}.{nameof(Derm7ptMultiTaskTransformer.SaveAsOnnx)}, whose graph takes pixels.");
            }
        }
    }
}
