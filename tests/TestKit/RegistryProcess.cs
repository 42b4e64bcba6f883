using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Claimed.Registry;

namespace Claimed.TestKit;

/// <summary>
/// The built program as a process of its own, with a data folder and a port that it keeps over restarts: for tests that kill it
/// (<see cref="Kill"/>), stop it (<see cref="StopAsync"/>) and start it again (<see cref="StartAsync()"/>).
/// </summary>
public sealed class RegistryProcess : IAsyncDisposable
{
    /// <summary>Much longer than a start takes, for machines that do more than this.</summary>
    private static readonly TimeSpan _startLimit = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The program to run with <c>dotnet</c>: the published one that <c>CLAIMED_TEST_PROGRAM</c> names, which starts in a third of the time,
    /// or the one that was built with the tests.
    /// </summary>
    public static string ProgramPath { get; } =
        System.Environment.GetEnvironmentVariable("CLAIMED_TEST_PROGRAM") is { Length: > 0 } published ? published : typeof(RegistryApp).Assembly.Location;

    /// <summary>For each of its runs, which are so short that most of what they call is not worth compiling twice.</summary>
    public static IReadOnlyDictionary<string, string?> ShortRun { get; } = new Dictionary<string, string?> { ["DOTNET_TC_CallCountThreshold"] = "2000", ["DOTNET_EnableWriteXorExecute"] = "0" };

    private readonly Dictionary<string, string> _settings;
    private readonly IReadOnlyList<string> _words;
    private readonly bool _ownsData;
    private readonly StringBuilder _output = new();
    private TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    /// <param name="settings">Settings by their configuration names, such as <c>Builds:Enabled</c>; an empty value leaves out one that is set by default.</param>
    /// <param name="dataPath">A folder to keep; a temporary one when null.</param>
    /// <param name="words">What stands before the settings, such as <c>migrate</c>.</param>
    public RegistryProcess(IReadOnlyDictionary<string, string>? settings = null, string? dataPath = null, int? port = null, params IReadOnlyList<string> words)
    {
        Port = port ?? FreePorts.Next();
        _ownsData = dataPath is null;
        DataPath = dataPath ?? Directory.CreateTempSubdirectory("claimed-process-").FullName;
        _words = words;
        _settings = new Dictionary<string, string>
        {
            ["urls"] = $"http://127.0.0.1:{Port}",
            ["Registry:DataPath"] = DataPath,
            ["Registry:PublicUrl"] = $"http://127.0.0.1:{Port}",
            ["Registry:AdminToken"] = RegistryHost.AdminToken,
            ["Builds:Enabled"] = "false",
            ["Limits:Writes"] = "0",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            _settings[name] = value;
        Address = new Uri($"http://127.0.0.1:{Port}/");
        Anonymous = new HttpClient { BaseAddress = Address };
        Admin = new HttpClient { BaseAddress = Address, Timeout = RegistryHost.LongestAnswer };
        Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RegistryHost.AdminToken);
    }

    public int Port { get; }

    public Uri Address { get; }

    public string DataPath { get; }

    /// <summary>A client without a token.</summary>
    public HttpClient Anonymous { get; }

    /// <summary>A client with the administrator's token; a generated one is known once the program is ready.</summary>
    public HttpClient Admin { get; }

    /// <summary>Of the system, for what <c>/proc</c> tells of it.</summary>
    public int Id => _process?.Id ?? throw new InvalidOperationException("The program was never started.");

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Exit code of the last run; 137 after <see cref="Kill"/>.</summary>
    public int ExitCode => _process?.ExitCode ?? throw new InvalidOperationException("The program was never started.");

    /// <summary>Everything that all runs wrote, both streams.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Creates and starts one, and waits until it is ready.</summary>
    public static async Task<RegistryProcess> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null, string? dataPath = null, int? port = null, params IReadOnlyList<string> words)
    {
        var process = new RegistryProcess(settings, dataPath, port, words);
        await process.StartAsync();
        return process;
    }

    /// <summary>Runs one word, such as <c>gc</c>, to its end on the same folder and settings.</summary>
    public Task<ShellResult> RunWordAsync(params IReadOnlyList<string> words) => Shell.RunAsync("dotnet", Arguments(words), ShortRun);

    /// <summary>Variables of the environment for the next starts, such as what a clock is to show.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Holds the process where it is (SIGSTOP): it does nothing, and its connections stay open.</summary>
    public async Task FreezeAsync() => (await Shell.RunAsync("kill", ["-STOP", Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])).Succeeded();

    /// <summary>Lets it go on (SIGCONT).</summary>
    public async Task ThawAsync() => (await Shell.RunAsync("kill", ["-CONT", Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])).Succeeded();

    /// <summary>Changes a setting for the next start.</summary>
    public void Set(string name, string value) => _settings[name] = value;

    /// <summary>Starts the program, again or for the first time, and waits until it is ready. Returns how long that took.</summary>
    public async Task<TimeSpan> StartAsync()
    {
        var began = Stopwatch.GetTimestamp();
        Launch();
        await UntilReadyAsync();
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Starts the program and returns at once.</summary>
    public void Launch()
    {
        if (IsRunning)
            throw new InvalidOperationException("The program runs already.");
        _process?.Dispose();
        var start = new ProcessStartInfo("dotnet", Arguments(_words)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in ShortRun)
            start.Environment[name] = value;
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Collect(line.Data);
        _process.ErrorDataReceived += (_, line) => Collect(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Returns when <c>/health/live</c> answers 200: it listens, whether or not its database is there.</summary>
    public Task UntilListensAsync() => UntilOkAsync("health/live");

    /// <summary>Returns when <c>/health/ready</c> answers 200.</summary>
    public async Task UntilReadyAsync()
    {
        await UntilOkAsync("health/ready");
        if (_settings["Registry:AdminToken"].Length == 0)
            Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(DataPath, "admin-token"))).Trim());
    }

    /// <summary>Returns when the program has written this text, in any of its runs.</summary>
    public async Task UntilSaysAsync(string text, TimeSpan? limit = null)
    {
        using var deadline = new CancellationTokenSource(limit ?? _startLimit);
        while (true)
        {
            var next = Volatile.Read(ref _said).Task;
            if (Output.Contains(text, StringComparison.Ordinal))
                return;
            try
            {
                await next.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The program did not say \"{text}\".\n{Output}");
            }
        }
    }

    /// <summary>Ends the program without warning (SIGKILL) and waits until it is gone.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _process.Kill();
        // The runtime must have seen the end before the same port and folder are used again.
        _process.WaitForExit();
    }

    /// <summary>Asks the program to stop (SIGTERM) and waits for its end.</summary>
    public async Task StopAsync()
    {
        if (!IsRunning)
            return;
        (await Shell.RunAsync("kill", ["-TERM", $"{_process!.Id}"])).Succeeded();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            throw new TimeoutException($"The program did not stop within a minute.\n{Output}");
        }
    }

    /// <summary>Kills what still runs and removes a temporary data folder.</summary>
    public ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        Admin.Dispose();
        if (IsRunning)
            Kill();
        _process?.Dispose();
        if (_ownsData && Directory.Exists(DataPath))
            Directory.Delete(DataPath, recursive: true);
        return ValueTask.CompletedTask;
    }

    private List<string> Arguments(IReadOnlyList<string> words) =>
        [ProgramPath, .. words, .. _settings.Where(pair => pair.Value.Length > 0).Select(pair => $"--{pair.Key}={pair.Value}")];

    private async Task UntilOkAsync(string path)
    {
        using var limit = new CancellationTokenSource(_startLimit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await IsOkAsync(path, limit.Token))
        {
            if (!IsRunning)
                throw new InvalidOperationException($"The program ended with exit code {ExitCode}; /{path} was never 200.\n{Output}");
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"/{path} was not 200 within {_startLimit}.\n{Output}");
            await timer.WaitForNextTickAsync();
        }
    }

    private async Task<bool> IsOkAsync(string path, CancellationToken cancellation)
    {
        try
        {
            using var answer = await Anonymous.GetAsync(path, cancellation);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Collect(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.Append(line).Append('\n');
        Interlocked.Exchange(ref _said, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }
}
