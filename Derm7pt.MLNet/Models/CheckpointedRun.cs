using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Training;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// A run that leaves its state in a file every few epochs, when it is canceled and at its end, and that goes on from the
/// state in the file.
/// </summary>
internal sealed class CheckpointedRun
{
    private readonly string _path;
    private readonly int _everyEpochs;
    private readonly RunIdentity _identity;
    private readonly Checkpoint? _found;
    private TrainingState? _latest;
    private int _writtenEpochs;

    /// <param name="path">The file.</param>
    /// <param name="everyEpochs">How often to write.</param>
    /// <param name="identity">What this run is.</param>
    /// <param name="maximumEpochs">How long this run is at most.</param>
    /// <param name="found">What the file holds; null if there is none.</param>
    /// <exception cref="InvalidOperationException">The file holds another run; the message states what differs.</exception>
    public CheckpointedRun(string path, int everyEpochs, RunIdentity identity, int maximumEpochs, Checkpoint? found)
    {
        (_path, _everyEpochs, _identity, _found) = (path, everyEpochs, identity, found);
        if (found is null)
            return;
        List<string> differences = [.. identity.Conflicts(found.Run)];
        if (found.State.Epochs.Count > maximumEpochs)
            differences.Add(Invariant($"MaximumEpochs: {found.State.Epochs.Count} are done in the checkpoint, {maximumEpochs} in this run"));
        if (differences.Count > 0)
        {
            throw new InvalidOperationException(
                $"The checkpoint '{path}' belongs to another run. {string.Join("; ", differences)}. " +
                "Delete the file to train from the start, or choose another CheckpointPath.");
        }

        (_latest, _writtenEpochs) = (found.State, found.State.Epochs.Count);
    }

    /// <inheritdoc cref="Trainer.Run"/>
    /// <param name="trainer">The loop, which has not run yet.</param>
    /// <param name="train">The training cases.</param>
    /// <param name="validation">The validation cases.</param>
    /// <param name="progress">Hears of every batch and epoch.</param>
    /// <param name="cancellation">Ends the run between two mini-batches; the last complete epoch is written then.</param>
    /// <exception cref="Derm7ptModelException">The file's tensors are not those of this network.</exception>
    public TrainingHistory Run(
        Trainer trainer, LabelledImages train, LabelledImages? validation, Action<TrainingProgress>? progress,
        CancellationToken cancellation)
    {
        if (_found is not null)
            Restore(trainer, _found.State);
        TrainingHistory history;
        try
        {
            history = trainer.Run(train, validation, Keep, progress, cancellation);
        }
        catch (OperationCanceledException e)
        {
            throw Cancelled(e);
        }

        WriteLatest();
        return history;
    }

    private void Restore(Trainer trainer, TrainingState state)
    {
        try
        {
            trainer.Restore(state);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            throw new Derm7ptModelException(_path, e.Message, e);
        }
    }

    private void Keep(TrainingState state)
    {
        _latest = state;
        if (state.Epochs.Count % _everyEpochs == 0)
            WriteLatest();
    }

    private void WriteLatest()
    {
        if (_latest is null || _latest.Epochs.Count == _writtenEpochs)
            return;
        CheckpointFile.Write(_path, new Checkpoint(_identity, _latest));
        _writtenEpochs = _latest.Epochs.Count;
    }

    // A failure to write must not hide from the caller that the run was canceled.
    private OperationCanceledException Cancelled(OperationCanceledException cause)
    {
        if (_latest is null)
        {
            return new OperationCanceledException(
                "Training was cancelled before its first epoch was complete; no checkpoint was written.", cause, cause.CancellationToken);
        }

        try
        {
            WriteLatest();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new OperationCanceledException(
                $"Training was cancelled, and the checkpoint '{_path}' could not be written: {e.Message}", e, cause.CancellationToken);
        }

        return new OperationCanceledException(
            $"Training was cancelled after epoch {_latest.Epochs.Count}. A checkpoint was written to '{_path}': " +
            "Fit with the same data and options goes on from there.", cause, cause.CancellationToken);
    }
}
