using System.Diagnostics;

namespace Claimed.TestKit;

/// <summary>
/// A server of a test run, started by a script of this folder that prints <c>ready</c>, and ends with its standard input: however this
/// process ends, the server ends too.
/// </summary>
public sealed class PrivateServer : IAsyncDisposable
{
    // Two minutes: a cold disk and a machine that builds beside the tests.
    private static readonly TimeSpan _startLimit = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private PrivateServer(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <param name="script">File name in this folder, such as <c>private-engine.sh</c>.</param>
    public static async Task<PrivateServer> StartAsync(string script, params IEnumerable<string> arguments)
    {
        var server = new PrivateServer(Process.Start(new ProcessStartInfo("bash", [RepositoryFolder.Of($"tests/TestKit/{script}"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
        await server.ExpectAsync("ready");
        return server;
    }

    /// <summary>Sends a line to the script and waits for its answer, for scripts that take words.</summary>
    public async Task SayAsync(string word, string answer)
    {
        await _process.StandardInput.WriteLineAsync(word);
        await _process.StandardInput.FlushAsync();
        await ExpectAsync(answer);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _process.WaitForExitAsync(limit.Token);
        _process.Dispose();
    }

    private async Task ExpectAsync(string word)
    {
        using var limit = new CancellationTokenSource(_startLimit);
        if (await _process.StandardOutput.ReadLineAsync(limit.Token) != word)
            throw new InvalidOperationException($"A server of the test run did not say \"{word}\".\n{await _errors}");
    }
}
