using System.Text;
using System.Text.RegularExpressions;
using Claimed.Components;
using Claimed.Database.Builds;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Builds;

/// <summary>Collects the output of one running build: rows of at most 64 KiB or one second while it runs, one blob at its end.</summary>
public sealed partial class BuildLog(RegistryDatabase database, IBlobStore blobs, BuildLease lease, int maxLength)
{
    private const int MaxPart = 64 * 1024;
    private readonly Lock _lock = new();
    private readonly StringBuilder _pending = new();
    private readonly StringBuilder _whole = new();
    private bool _cut;
    private int _parts;

    /// <summary>Told on every output; resets the idle limit.</summary>
    public Action? Active { get; set; }

    public void Write(string text)
    {
        Active?.Invoke();
        var clean = Clean(text);
        lock (_lock)
        {
            if (_cut)
                return;
            if (_whole.Length + clean.Length > maxLength)
            {
                clean = string.Concat(clean.AsSpan(0, WholeText.Cut(clean, 0, maxLength - _whole.Length)), "\n… the log is longer than this registry keeps; the rest was cut off\n");
                _cut = true;
            }
            _pending.Append(clean);
            _whole.Append(clean);
        }
    }

    /// <summary>Without colours and cursor movements, with LF line ends, and in characters that a database takes.</summary>
    internal static string Clean(string text) =>
        WholeText.Of(Escapes.Replace(text, "").Replace("\r\n", "\n").Replace('\r', '\n').Replace("\0", ""));

    /// <summary>Stores what has come since the last call.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        string text;
        lock (_lock)
        {
            text = _pending.ToString();
            _pending.Clear();
        }
        if (text.Length == 0)
            return;
        try
        {
            await database.ChangeAsync(async change =>
            {
                // A builder that lost its lease must not write into the log of the next attempt.
                if (await BuildQueue.HeldAsync(change, lease) is null)
                    return;
                for (int start = 0, end; start < text.Length; start = end)
                {
                    end = WholeText.Cut(text, start, MaxPart);
                    change.Db.BuildLogParts.Add(new BuildLogPart { BuildId = lease.BuildId, Part = ++_parts, Text = text[start..end] });
                }
            }, cancellation);
        }
        catch
        {
            // The next call brings it, in its place.
            lock (_lock)
                _pending.Insert(0, text);
            throw;
        }
    }

    /// <summary>Stores the whole log and returns its blob.</summary>
    public async Task<string> StoreAsync(CancellationToken cancellation)
    {
        byte[] bytes;
        lock (_lock)
            bytes = Encoding.UTF8.GetBytes(_whole.ToString());
        var digest = Digest.Of(bytes);
        await blobs.PutAsync(digest, bytes, cancellation);
        return digest;
    }

    [GeneratedRegex(@"\x1B(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1B]*(\x07|\x1B\\)|[@-Z\\-_])", RegexOptions.CultureInvariant)]
    private static partial Regex Escapes { get; }
}
