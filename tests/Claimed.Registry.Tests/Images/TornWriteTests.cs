using System.Net;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text;
using Claimed.Database;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>
/// A blob store that fails at every step of everything that is done to images, before the step and after it: whatever was answered, no row
/// is without its blob, no byte is served that does not match its digest, and doing it again goes well.
/// </summary>
[Trait("Database", "any")]
public sealed class TornWriteTests : IAsyncLifetime
{
    private readonly Steps _steps = new();
    private readonly ImageHost _host;

    public TornWriteTests() => _host = new ImageHost { Adjust = Break };

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whichever_step_of_the_blob_store_fails_what_is_there_is_whole(bool isDone)
    {
        _steps.Count();
        Assert.DoesNotContain(await RunAsync("count"), answer => !answer.IsSuccessStatusCode);
        var all = _steps.End();
        Assert.True(all > 10, $"only {all} steps");
        for (var step = 1; step <= all; step++)
        {
            var word = $"{(isDone ? "after" : "before")} {step}";
            _steps.FailAt(step, isDone);
            var answers = await RunAsync(word);
            _steps.End();
            foreach (var answer in answers.Where(answer => !answer.IsSuccessStatusCode))
            {
                var body = await answer.Content.ReadAsStringAsync();
                Assert.DoesNotContain(Steps.Words, body, StringComparison.Ordinal);
                Assert.DoesNotContain(_host.Registry.DataPath, body, StringComparison.Ordinal);
                Assert.Contains("\"errors\"", body, StringComparison.Ordinal);
            }
            await CheckAsync(word, answers);
            Assert.DoesNotContain(await RunAsync(word), answer => !answer.IsSuccessStatusCode);
        }
    }

    private static string Repository(string word) => "acme/torn-" + word.Replace(' ', '-');

    private static byte[][] Layers(string word) => [Encoding.UTF8.GetBytes($"whole {word}"), Encoding.UTF8.GetBytes($"in parts {word}")];

    /// <summary>Everything that writes: blobs in one request, in parts and by a mount, an image, what refers to it, and deletions.</summary>
    private async Task<List<HttpResponseMessage>> RunAsync(string word)
    {
        var (repository, layers, admin) = (Repository(word), Layers(word), _host.Admin);
        var answers = new List<HttpResponseMessage>();
        await SendAsync(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/?digest={Digest.Of(ImageHost.Config)}", ImageHost.Config);
        await SendAsync(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/?digest={Digest.Of(layers[0])}", layers[0]);
        var begun = await SendAsync(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/", []);
        if (begun.Headers.Location?.OriginalString is { } url)
        {
            await SendAsync(HttpMethod.Patch, url, layers[1][..3]);
            await SendAsync(HttpMethod.Put, $"{url}?digest={Digest.Of(layers[1])}", layers[1][3..]);
        }
        var mounted = await SendAsync(HttpMethod.Post, $"/v2/{repository}/more/blobs/uploads/?mount={Digest.Of(layers[0])}&from={repository}", []);
        if (mounted.StatusCode == HttpStatusCode.Created)
            await SendAsync(HttpMethod.Delete, $"/v2/{repository}/more/blobs/{Digest.Of(layers[0])}", []);
        await SendAsync(HttpMethod.Put, $"/v2/{repository}/manifests/tag", ImageHost.ImageOf(layers[0]));
        var signature = Signature(layers[0]);
        await SendAsync(HttpMethod.Put, $"/v2/{repository}/manifests/{Digest.Of(signature)}?tag=signed", signature);
        // What a failure left out before is not there to be deleted.
        var gone = await SendAsync(HttpMethod.Delete, $"/v2/{repository}/manifests/{Digest.Of(signature)}", []);
        if (gone.StatusCode == HttpStatusCode.NotFound)
            answers.Remove(gone);
        return answers;

        async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, byte[] body)
        {
            var content = ImageHost.Bytes(body, path.Contains("/manifests/", StringComparison.Ordinal) ? MediaTypes.OciManifest : "application/octet-stream");
            answers.Add(await admin.SendAsync(new HttpRequestMessage(method, path) { Content = content }));
            return answers[^1];
        }
    }

    private static byte[] Signature(byte[] layer) => ImageHost.ImageOf(layer,
        $$""","artifactType":"a/signature","subject":{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Digest.Of(ImageHost.ImageOf(layer))}}","size":7}""");

    private async Task CheckAsync(string word, List<HttpResponseMessage> answers)
    {
        var repository = Repository(word);
        await using (var db = await _host.Registry.Services.GetRequiredService<IDbContextFactory<RegistryContext>>().CreateDbContextAsync())
        {
            var blobs = _host.Registry.Services.GetRequiredService<IBlobStore>();
            var ids = await db.Repositories.Where(row => row.Name == repository || row.Name == repository + "/more").Select(row => row.Id).ToListAsync();
            var named = await db.RepositoryBlobs.Where(row => ids.Contains(row.RepositoryId)).Select(row => row.Digest)
                .Union(db.Manifests.Where(row => ids.Contains(row.RepositoryId)).Select(row => row.Digest)).ToListAsync();
            foreach (var digest in named)
                Assert.Equal(digest, Digest.Of(await blobs.ReadAllAsync(digest, CancellationToken.None)));
            Assert.False(await db.ImageReferences.AnyAsync(need => !db.RepositoryBlobs.Any(blob => blob.RepositoryId == need.RepositoryId && blob.Digest == need.Digest)),
                $"{word}: a manifest needs what is not there");
            Assert.False(await db.Tags.AnyAsync(tag => !db.Manifests.Any(row => row.RepositoryId == tag.RepositoryId && row.Digest == tag.ManifestDigest)), $"{word}: a tag leads nowhere");
        }
        foreach (var bytes in Layers(word).Append(ImageHost.Config))
            await AssertWholeOrAbsentAsync($"/v2/{repository}/blobs/{Digest.Of(bytes)}", Digest.Of(bytes));
        foreach (var bytes in new[] { ImageHost.ImageOf(Layers(word)[0]), Signature(Layers(word)[0]) })
            await AssertWholeOrAbsentAsync($"/v2/{repository}/manifests/{Digest.Of(bytes)}", Digest.Of(bytes));
        // What was acknowledged is there, whatever failed before and after it.
        foreach (var path in answers.Where(answer => answer.StatusCode == HttpStatusCode.Created).Select(answer => answer.Headers.Location!.OriginalString))
        {
            if (!path.Contains("/more/", StringComparison.Ordinal) && !path.EndsWith(Digest.Of(Signature(Layers(word)[0])), StringComparison.Ordinal))
                Assert.Equal(HttpStatusCode.OK, (await _host.Anonymous.GetAsync(path)).StatusCode);
        }
    }

    private async Task AssertWholeOrAbsentAsync(string path, string digest)
    {
        var got = await _host.Anonymous.GetAsync(path);
        if (got.StatusCode != HttpStatusCode.NotFound)
            Assert.Equal((HttpStatusCode.OK, digest), (got.StatusCode, Digest.Of(await got.Content.ReadAsByteArrayAsync())));
    }

    private void Break(WebApplicationBuilder builder)
    {
        var real = builder.Services.Last(service => service.ServiceType == typeof(IBlobStore));
        builder.Services.Remove(real);
        builder.Services.AddSingleton(services => FailingBlobs.Around(
            (IBlobStore)(real.ImplementationFactory?.Invoke(services) ?? ActivatorUtilities.CreateInstance(services, real.ImplementationType!)), _steps));
    }

    /// <summary>Counts the calls that write or mark, and says which one fails.</summary>
    public sealed class Steps
    {
        public const string Words = "the disk gave up";

        private int _seen;
        private int _failing;
        private bool _isDone;
        private volatile bool _isOn;

        public void Count() => FailAt(int.MaxValue, isDone: false);

        /// <param name="isDone">Whether the step is done before it fails, as when the answer of a disk is lost.</param>
        public void FailAt(int step, bool isDone)
        {
            (_seen, _failing, _isDone) = (0, step, isDone);
            _isOn = true;
        }

        public int End()
        {
            _isOn = false;
            return _seen;
        }

        public (bool Before, bool After) Next()
        {
            var fails = _isOn && Interlocked.Increment(ref _seen) == _failing;
            return (fails && !_isDone, fails && _isDone);
        }
    }

    /// <summary>Whatever the store's interface has, without a line for each of it.</summary>
    public class FailingBlobs : DispatchProxy
    {
        private IBlobStore _real = null!;
        private Steps _steps = null!;

        public static IBlobStore Around(IBlobStore real, Steps steps)
        {
            var made = Create<IBlobStore, FailingBlobs>();
            ((FailingBlobs)(object)made)._real = real;
            ((FailingBlobs)(object)made)._steps = steps;
            return made;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var (before, after) = targetMethod!.Name is "List" or "ListAsync" ? (false, false) : _steps.Next();
            if (before)
                throw new IOException(Steps.Words);
            object? result;
            try
            {
                result = targetMethod.Invoke(_real, args);
            }
            catch (TargetInvocationException fault)
            {
                ExceptionDispatchInfo.Throw(fault.InnerException!);
                throw;
            }
            if (!after)
                return result;
            if (result is not Task { IsCompleted: false } running)
                throw new IOException(Steps.Words);
            var fail = typeof(FailingBlobs).GetMethod(nameof(FailAfterAsync), BindingFlags.NonPublic | BindingFlags.Static)!;
            return fail.MakeGenericMethod(targetMethod.ReturnType.GetGenericArguments()).Invoke(null, [running]);
        }

        private static async Task<T> FailAfterAsync<T>(Task<T> running)
        {
            await running;
            throw new IOException(Steps.Words);
        }
    }
}
