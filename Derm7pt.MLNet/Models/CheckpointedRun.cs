using Derm7pt.MLNet.Inputs;
using Derm7pt.MLNet.Training;

namespace Derm7pt.MLNet.Models;

/// <summary>
/// Represents a run that writes its state to a file at a regular interval of epochs, on cancellation and at its end, and that
/// continues from the state in the file.
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
    /// <param name="everyEpochs">The number of epochs between checkpoints.</param>
    /// <param name="identity">The identity of this run.</param>
    /// <param name="maximumEpochs">The maximum number of epochs of this run.</param>
    /// <param name="found">The content of the file; null if the file does not exist.</param>
    /// <exception cref="InvalidOperationException">The file belongs to another run; the message lists the differences.</exception>
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
    /// <param name="trainer">The trainer, which has not been run yet.</param>
    /// <param name="train">The training cases.</param>
    /// <param name="validation">The validation cases.</param>
    /// <param name="progress">Receives a progress report for every batch and epoch.</param>
    /// <param name="cancellation">Cancels the run between two mini-batches, after which the last complete epoch is written.</param>
    /// <exception cref="Derm7ptModelException">The tensors of the file do not match this network.</exception>
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

    // If writing fails, the caller must still receive an OperationCanceledException.
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
