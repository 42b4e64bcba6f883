using System.Diagnostics;
using System.Text;

namespace Claimed.TestKit;

/// <summary>What a program left behind.</summary>
/// <param name="ExitCode">0 is success by custom.</param>
/// <param name="Out">Standard output, whole.</param>
/// <param name="Err">Standard error, whole.</param>
public sealed record ShellResult(int ExitCode, string Out, string Err)
{
    /// <summary>The standard output without its last line break; throws with both outputs when the program failed.</summary>
    public string Succeeded() => ExitCode == 0
        ? Out.TrimEnd('\n')
        : throw new InvalidOperationException($"Exit code {ExitCode}.\n{Printable(Out)}\n{Printable(Err)}");

    /// <summary>Without the control characters of a terminal, which no report of a test may hold: XML has no way to write them.</summary>
    internal static string Printable(string text) => string.Concat(text.Where(letter => !char.IsControl(letter) || letter is '\n' or '\t'));
}

/// <summary>Runs programs of the machine.</summary>
public static class Shell
{
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromMinutes(5);

    /// <summary>Runs a program to its end. One that outlasts the limit is killed with its children: <see cref="TimeoutException"/> with what it said.</summary>
    /// <param name="environment">Added to ours; a null value removes a variable.</param>
    public static async Task<ShellResult> RunAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null,
        string? input = null, string? folder = null, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (Collect(process.StandardOutput), Collect(process.StandardError));
        using var deadline = new CancellationTokenSource(limit ?? DefaultLimit);
        try
        {
            // A program may end without reading its input to the end.
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
            }
            await process.WaitForExitAsync(deadline.Token);
            return new ShellResult(process.ExitCode, (await output).ToString(), (await errors).ToString());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            var said = ShellResult.Printable($"{await output}\n{await errors}");
            throw new TimeoutException($"{file} {string.Join(' ', start.ArgumentList)} did not end within {limit ?? DefaultLimit}.\n{said}");
        }
    }

    private static async Task<StringBuilder> Collect(StreamReader reader)
    {
        var text = new StringBuilder();
        var buffer = new char[8192];
        while (await reader.ReadAsync(buffer) is var read and > 0)
            text.Append(buffer, 0, read);
        return text;
    }
}
