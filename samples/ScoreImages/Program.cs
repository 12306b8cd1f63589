using System.CommandLine;
using ScoreImages;

var model = new Option<FileInfo>("--model") { Description = "A model that was saved with mlContext.Model.Save.", Required = true };
var images = new Option<string[]>("--images")
{
    Description = "Folders, searched with all that is below them, and image files. Content decides what is an image, not a file's name.",
    Required = true,
    AllowMultipleArgumentsPerToken = true,
};
var output = new Option<FileInfo>("--out") { Description = "Results go to <out>.csv and <out>.jsonl.", Required = true };
var verbose = new Option<bool>("--verbose") { Description = "Also shows the model's columns and that no libtorch was loaded." };

var command = new RootCommand(
    "Scores images with a saved model: ONNX Runtime only, no libtorch. Research software, not a medical device.\n\n" +
    "Links are followed, and a file with several names through links is scored once. Hidden files and files that are no images " +
    "are counted and do not change the exit code.\n\n" +
    "Exit codes: 0 all images were scored, 1 nothing was written, 2 some images or folders could not be read, 130 cancelled.")
{
    model, images, output, verbose,
};
command.SetAction((parsed, cancellation) =>
{
    var settings = new ScoringSettings(
        parsed.GetValue(model)!.FullName, parsed.GetValue(images)!, parsed.GetValue(output)!.FullName, parsed.GetValue(verbose));
    return Task.FromResult(Run(settings, cancellation));
});
return await command.Parse(args).InvokeAsync();

static int Run(ScoringSettings settings, CancellationToken cancellation)
{
    try
    {
        int skipped = ScoringRun.Execute(settings, cancellation);
        return skipped == 0 ? 0 : 2;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Cancelled; nothing was written.");
        return 130;
    }
    catch (Exception e) when (e is ScoringException or IOException or UnauthorizedAccessException or InvalidOperationException
        or ArgumentException or OutOfMemoryException)
    {
        // Errors that the user can correct are shown in one line, without a stack trace.
        Console.Error.WriteLine($"Error: {e.Message.ReplaceLineEndings(" ")}");
        return 1;
    }
}
