using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using System.Text;
using Claimed.TestKit;

namespace Claimed.Faults;

/// <summary>What is published.</summary>
public enum Source
{
    /// <summary>Names an image that exists: ready in the same transaction.</summary>
    ExistingImage,

    /// <summary>Needs a base image with Python; for builds that wait.</summary>
    Script,

    /// <summary>A Dockerfile without a base image, so that its image is small.</summary>
    Dockerfile,

    /// <summary>A Dockerfile whose step is a command that is not there.</summary>
    FailingStep,

    /// <summary>A Dockerfile whose step, the program that <see cref="Attempt.Word"/> names, does nothing for ever.</summary>
    EndlessStep,
}

/// <summary>What a publish was for, and what the registry said to it.</summary>
/// <param name="Word">Makes its content differ from all others.</param>
/// <param name="Bundle">The digest in the answer; null when no answer came.</param>
public sealed record Attempt(string Name, string Number, string Word, Source Source, string? Bundle = null)
{
    public string Path => $"/api/v1/components/acme/{Name}/versions/{Number}";

    public bool IsAcknowledged => Bundle is not null;

    /// <summary>The same bytes as the first time.</summary>
    public Multipart Upload() => Source switch
    {
        Source.ExistingImage => new Multipart().Source("component.yaml", Samples.ExistingImage(Word)),
        Source.Script => new Multipart().Source("step.py", Samples.Script(Word)),
        Source.FailingStep => new Multipart().Source("component.yaml", Samples.Step).Source("word.txt", Word)
            .Source("Dockerfile", "FROM scratch\nCOPY word.txt /word.txt\nRUN [\"/nothing\"]\n"),
        Source.EndlessStep => new Multipart().Bundle(EndlessStep()),
        _ => new Multipart().Source("component.yaml", Samples.Step).Source("word.txt", Word)
            .Source("Dockerfile", "FROM scratch\nCOPY word.txt /word.txt\n"),
    };

    /// <summary>With the program that Podman pauses with: it needs nothing around it.</summary>
    private byte[] EndlessStep() => Archives.TarGz(
        Archives.File("component.yaml", Encoding.UTF8.GetBytes(Samples.Step)),
        Archives.File("Dockerfile", Encoding.UTF8.GetBytes($"FROM scratch\nCOPY program {Word}\nRUN [\"{Word}\", \"-P\"]\n")),
        new PaxTarEntry(TarEntryType.RegularFile, "program") { DataStream = new MemoryStream(File.ReadAllBytes("/usr/bin/catatonit")), Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute });
}

/// <summary>Publishers, also such that go on until the registry dies under them.</summary>
public static class Publishing
{
    /// <summary>The attempt with the digest of the answer, or as it was when none came.</summary>
    public static async Task<Attempt> PublishAsync(this HttpClient admin, Attempt attempt)
    {
        try
        {
            return await admin.PublishUntilAcceptedAsync(attempt);
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException or TaskCanceledException)
        {
            return attempt;
        }
    }

    /// <summary>Sends it until it is accepted. What is refused for the time being says so and when to come again; any other refusal is an error of the test.</summary>
    /// <param name="refused">Told of each refusal.</param>
    public static async Task<Attempt> PublishUntilAcceptedAsync(this HttpClient admin, Attempt attempt, Progress? refused = null)
    {
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            var answer = await admin.SendAsync(HttpMethod.Put, attempt.Path, attempt.Upload().ToContent());
            if (answer.Status is HttpStatusCode.Created or HttpStatusCode.OK)
                return attempt with { Bundle = answer["bundleDigest"] };
            if (answer.Status != HttpStatusCode.ServiceUnavailable || answer.Message.Headers.RetryAfter is null || Stopwatch.GetElapsedTime(began) > Patience.Limit)
                throw new InvalidOperationException($"{attempt.Path} was refused: {(int)answer.Status} {answer.Text}");
            refused?.Step();
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Asks again until the answer is right.</summary>
    public static async Task<Answer> UntilAsync(this RegistryProcess registry, string path, Func<Answer, bool> isRight, TimeSpan limit)
    {
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        Answer answer;
        while (!isRight(answer = await registry.Anonymous.SendAsync(HttpMethod.Get, path)))
        {
            if (Stopwatch.GetElapsedTime(began) > limit)
                throw new TimeoutException($"{path} stayed as it was: {(int)answer.Status} {answer.Text}\n{registry.Output}");
            await timer.WaitForNextTickAsync();
        }
        return answer;
    }

    /// <summary>Publishes version after version until one gets no answer.</summary>
    public static async Task<List<Attempt>> PublishUntilCutAsync(this RegistryProcess registry, string name, Source source, Progress progress)
    {
        var made = new List<Attempt>();
        do
        {
            made.Add(await registry.Admin.PublishAsync(new Attempt(name, $"1.{made.Count}.0", $"{name}-{made.Count}", source)));
            progress.Step();
        }
        while (made[^1].IsAcknowledged);
        return made;
    }
}

/// <summary>Counts what has been done, so that a kill can come in the middle of it on a fast machine and on a slow one.</summary>
public sealed class Progress
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);
    private TaskCompletionSource _stepped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _steps;

    public void Step()
    {
        Interlocked.Increment(ref _steps);
        Interlocked.Exchange(ref _stepped, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>Returns after that many more steps.</summary>
    public async Task UntilAsync(int steps)
    {
        var goal = Volatile.Read(ref _steps) + steps;
        while (true)
        {
            var next = Volatile.Read(ref _stepped).Task;
            if (Volatile.Read(ref _steps) >= goal)
                return;
            await next.WaitAsync(_limit);
        }
    }
}
