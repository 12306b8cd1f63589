namespace ScoreImages;

/// <summary>Scores single files on many threads. An error in one file is the outcome of that file.</summary>
internal sealed class FileScorer(ImageModel model) : IDisposable
{
    private readonly EnginePool _engines = new(model);

    // Threads that score in parallel take the read lock; a thread that needs all memory takes the write lock.
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
            // The files on the other threads may be the large ones, so the file is scored again alone.
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
            // The engine may contain a part of this image.
            engine.Dispose();
            throw;
        }

        _engines.Return(engine);
        return new FileOutcome(file, values, null, decoded.Warning);
    }

    private static FileOutcome Failed(string file, string problem) => new(file, null, problem.ReplaceLineEndings(" "), null);

    // ML.NET wraps the exceptions of its stages.
    private static bool IsOutOfMemory(Exception? e) => e is not null && (e is OutOfMemoryException || IsOutOfMemory(e.InnerException));
}

/// <summary>The values of a file's outputs, or the reason why there are none, and a warning for the user if there is one.</summary>
internal sealed record FileOutcome(string File, OutputValue[]? Values, string? Problem, string? Warning);
