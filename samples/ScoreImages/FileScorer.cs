namespace ScoreImages;

/// <summary>Scores single files on many threads. What goes wrong with one file becomes that file's outcome.</summary>
internal sealed class FileScorer(ImageModel model) : IDisposable
{
    private readonly EnginePool _engines = new(model);

    // Read by those who score side by side, written by one who needs all memory.
    private readonly ReaderWriterLockSlim _memory = new();

    public FileOutcome Score(ImageFile file)
    {
        if (file.Problem is not null)
            return new FileOutcome(file.Path, null, file.Problem, null);
        try
        {
            return ScoreBesideOthers(file.Path);
        }
        catch (Exception e) when (IsOutOfMemory(e))
        {
            // The files on the other threads may be the large ones, so each gets a second chance alone.
            return ScoreAlone(file.Path);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Failed(file.Path, e.Message);
        }
    }

    public void Dispose()
    {
        _engines.Dispose();
        _memory.Dispose();
    }

    private FileOutcome ScoreBesideOthers(string file)
    {
        _memory.EnterReadLock();
        try
        {
            return ScoreNow(file);
        }
        finally
        {
            _memory.ExitReadLock();
        }
    }

    private FileOutcome ScoreAlone(string file)
    {
        _memory.EnterWriteLock();
        try
        {
            return ScoreNow(file);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Failed(file, IsOutOfMemory(e) ? "there is not enough memory for it." : e.Message);
        }
        finally
        {
            _memory.ExitWriteLock();
        }
    }

    private FileOutcome ScoreNow(string file)
    {
        if (!DecodedImage.TryRead(file, out DecodedImage? image, out string? problem))
            return new FileOutcome(file, null, problem, null);
        using DecodedImage decoded = image;
        ScoringEngine engine = _engines.Rent();
        OutputValue[] values;
        try
        {
            values = engine.Score(decoded);
        }
        catch
        {
            // It may hold half of this image.
            engine.Dispose();
            throw;
        }

        _engines.Return(engine);
        return new FileOutcome(file, values, null, decoded.Warning);
    }

    private static FileOutcome Failed(string file, string problem) => new(file, null, problem.ReplaceLineEndings(" "), null);

    // ML.NET wraps what its stages throw.
    private static bool IsOutOfMemory(Exception? e) => e is not null && (e is OutOfMemoryException || IsOutOfMemory(e.InnerException));
}

/// <summary>The values of a file's outputs, or why there are none, and what the user should look at where there are.</summary>
internal sealed record FileOutcome(string File, OutputValue[]? Values, string? Problem, string? Warning);
