using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Everything under <c>/v2/</c> against every kind of caller and namespace: the status, nothing changed by who is refused, and a hidden namespace answered as one that is not there.</summary>
[Trait("Database", "any")]
public sealed class ImageTableTests(ImageTableSetup setup) : IClassFixture<ImageTableSetup>
{
    /// <summary>As long as <see cref="ImageTableSetup.Closed"/>, so that answers are alike to the last header.</summary>
    private const string Absent = "absent";

    public static TheoryData<string> Callers =>
        ["anonymous", "stranger", "reader", "publisher", "owner", "administrator", "pull only", "push only", "push elsewhere", "expired", "revoked", "malformed"];

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Each_request_is_answered_to_each_caller_as_the_namespace_lets_it(string who)
    {
        var wrong = new List<string>();
        foreach (var act in Acts)
        {
            var words = new Dictionary<string, string>();
            foreach (var space in new[] { ImageTableSetup.Open, ImageTableSetup.Closed, Absent })
            {
                var upload = space == Absent ? new string('0', 32) : await setup.PrepareAsync(space);
                var before = await setup.StateAsync();
                var answer = await setup.SendAsync(who, act, space, upload);
                var expected = Expected(who, act, space);
                if (expected != (int)answer.Status)
                    wrong.Add($"{act.Name} in {space}: {(int)answer.Status}, wanted {expected}; {answer.Text}");
                if (expected is 401 or 403 or 404 && await setup.StateAsync() != before)
                    wrong.Add($"{act.Name} in {space} was refused and changed something");
                if (expected == 401 && answer.Message.Headers.WwwAuthenticate.Count == 0)
                    wrong.Add($"{act.Name} in {space}: 401 without a challenge");
                words[space] = string.Join('\n', (int)answer.Status, answer.Text, answer.Message.Headers.ToString(), answer.Message.Content.Headers.ToString()).Replace(space, "SPACE", StringComparison.Ordinal);
            }
            if (!Sees(who, ImageTableSetup.Closed) && Undated(words[ImageTableSetup.Closed]) != Undated(words[Absent]))
                wrong.Add($"{act.Name} tells hidden from absent:\n{words[ImageTableSetup.Closed]}\n{words[Absent]}");
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    /// <summary>What is sent; the status for who may, and for administrators where there is no namespace.</summary>
    /// <param name="Path">Below the repository; <c>{upload}</c> is one that is under way.</param>
    internal sealed record Act(string Name, string Method, string Path, int Done, int OfNothing, bool Writes = true);

    private static readonly Act[] Acts =
    [
        new("pull a blob", "GET", $"blobs/{ImageTableSetup.Layer}", 200, 404, Writes: false),
        new("ask for a blob", "HEAD", $"blobs/{ImageTableSetup.Layer}", 200, 404, Writes: false),
        new("ask for a blob that is nowhere", "HEAD", $"blobs/{Digest.Of("nowhere")}", 404, 404, Writes: false),
        new("pull a manifest", "GET", "manifests/one", 200, 404, Writes: false),
        new("ask for a manifest", "HEAD", "manifests/one", 200, 404, Writes: false),
        new("pull a manifest that is nowhere", "GET", "manifests/none", 404, 404, Writes: false),
        new("list tags", "GET", "tags/list", 200, 404, Writes: false),
        new("list referrers", "GET", $"referrers/{ImageTableSetup.Layer}", 200, 200, Writes: false),
        new("push a manifest", "PUT", "manifests/two", 201, 400),
        new("delete a tag", "DELETE", "manifests/one", 202, 404),
        new("delete a blob", "DELETE", $"blobs/{ImageTableSetup.Spare}", 202, 404),
        new("begin an upload", "POST", "blobs/uploads/", 202, 202),
        new("upload in one piece", "POST", $"blobs/uploads/?digest={Digest.Of("nothing")}", 400, 400),
        new("ask for an upload", "GET", "blobs/uploads/{upload}", 204, 404),
        new("go on with an upload", "PATCH", "blobs/uploads/{upload}", 202, 404),
        new("end an upload", "PUT", $"blobs/uploads/{{upload}}?digest={ImageTableSetup.Piece}", 201, 404),
        new("cancel an upload", "DELETE", "blobs/uploads/{upload}", 204, 404),
        new("do what is not possible", "POST", "manifests/one", 405, 405),
    ];

    private static int Expected(string who, Act act, string space)
    {
        if (who is "expired" or "revoked" or "malformed")
            return 401;
        if (!Sees(who, space))
            return who == "anonymous" ? 401 : 404;
        if (act.Writes && !Writes(who))
            return who == "anonymous" ? 401 : 403;
        return space == Absent ? act.OfNothing : act.Done;
    }

    private static bool Sees(string who, string space) => space switch
    {
        ImageTableSetup.Open => true,
        Absent => who == "administrator",
        _ => who is "reader" or "publisher" or "owner" or "administrator" or "pull only" or "push only",
    };

    private static bool Writes(string who) => who is "publisher" or "owner" or "administrator" or "push only";

    [Theory]
    [InlineData("anonymous", 401)]
    [InlineData("stranger", 403)]
    [InlineData("reader", 403)]
    [InlineData("publisher", 202)]
    [InlineData("owner", 201)]
    [InlineData("administrator", 201)]
    [InlineData("pull only", 403)]
    [InlineData("push only", 202)]
    [InlineData("push elsewhere", 403)]
    [InlineData("expired", 401)]
    [InlineData("revoked", 401)]
    [InlineData("malformed", 401)]
    public async Task A_blob_of_a_private_repository_is_mounted_by_who_may_pull_there_and_is_else_as_one_that_is_nowhere(string who, int status)
    {
        foreach (var (digest, from, expected) in new[]
        {
            (ImageTableSetup.Secret, $"&from={ImageTableSetup.Attic}/image", status), (ImageTableSetup.Secret, "", status),
            (ImageTableSetup.Secret, $"&from={Absent}/image", status == 201 ? 202 : status), (Digest.Of("nowhere"), "", status == 201 ? 202 : status),
        })
        {
            await setup.Host.Admin.DeleteAsync($"/v2/{ImageTableSetup.Open}/image/blobs/{ImageTableSetup.Secret}");
            var before = await setup.StateAsync(uploads: false);
            var answer = await setup.SendAsync(who, new Act("mount", "POST", $"blobs/uploads/?mount={digest}{from}", status, 404), ImageTableSetup.Open, "");
            Assert.Equal(expected, (int)answer.Status);
            if (expected != 201)
                Assert.Equal(before, await setup.StateAsync(uploads: false));
        }
    }

    private static string Undated(string words) => System.Text.RegularExpressions.Regex.Replace(words, "Date: .*", "");
}

/// <summary>A registry with images in a public and two private namespaces, and callers of every kind.</summary>
public sealed class ImageTableSetup : SharedRegistry, IAsyncLifetime
{
    public const string Open = "open";
    public const string Closed = "closed";
    public const string Attic = "attic";
    public static readonly string Layer = Digest.Of("layer");
    public static readonly string Spare = Digest.Of("spare");
    public static readonly string Secret = Digest.Of("secret");
    public static readonly string Piece = Digest.Of("a piece");

    private readonly Dictionary<string, HttpClient> _clients = [];

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        foreach (var space in new[] { Open, Closed })
            await Host.CreateNamespaceAsync(space, isPrivate: space == Closed, ("rita", "reader"), ("paul", "publisher"), ("olga", "owner"));
        await Host.CreateNamespaceAsync(Attic, isPrivate: true, ("olga", "owner"));
        await Host.CreateNamespaceAsync("elsewhere", isPrivate: false, ("sam", "owner"));
        await PutBlobAsync($"{Attic}/image", "secret");
        _clients["anonymous"] = Host.Anonymous;
        _clients["administrator"] = Host.Admin;
        _clients["malformed"] = Host.With("clmt_nonsense");
        _clients["stranger"] = Host.With(await Host.TokenAsync("sam"));
        _clients["reader"] = Host.With(await Host.TokenAsync("rita"));
        _clients["publisher"] = Host.With(await Host.TokenAsync("paul"));
        _clients["owner"] = Host.With(await Host.TokenAsync("olga"));
        _clients["pull only"] = Host.With(await Host.TokenAsync("olga", "pull"));
        _clients["push only"] = Host.With(await Host.TokenAsync("paul", "push"));
        _clients["push elsewhere"] = Host.With(await Host.NamespaceTokenAsync("elsewhere/*", "push"));
        _clients["expired"] = Host.With(await Host.ExpiredTokenAsync());
        _clients["revoked"] = Host.With(await Host.RevokedTokenAsync("olga"));
    }

    internal Task<Answer> SendAsync(string who, ImageTableTests.Act act, string space, string upload) =>
        _clients[who].SendAsync(new HttpMethod(act.Method), $"/v2/{space}/image/{act.Path.Replace("{upload}", upload, StringComparison.Ordinal)}", act.Method switch
        {
            "PUT" when act.Path.StartsWith("manifests", StringComparison.Ordinal) => ImageHost.Bytes(ImageHost.ImageOf("layer"u8.ToArray()), MediaTypes.OciManifest),
            "PUT" or "PATCH" or "POST" => ImageHost.Bytes("a piece"u8.ToArray()),
            _ => null,
        });

    /// <summary>Makes sure that there is what is read, deleted and gone on with; returns an upload under way.</summary>
    public async Task<string> PrepareAsync(string space)
    {
        foreach (var content in new[] { "layer", "spare" })
            await PutBlobAsync($"{space}/image", content);
        await PutBlobAsync($"{space}/image", System.Text.Encoding.UTF8.GetString(ImageHost.Config));
        await OkAsync(HttpMethod.Put, $"/v2/{space}/image/manifests/one", ImageHost.Bytes(ImageHost.ImageOf("layer"u8.ToArray()), MediaTypes.OciManifest));
        return (await OkAsync(HttpMethod.Post, $"/v2/{space}/image/blobs/uploads/", null)).Message.Headers.GetValues("Docker-Upload-UUID").Single();
    }

    /// <summary>All that a push or deletion changes.</summary>
    public async Task<string> StateAsync(bool uploads = true)
    {
        var rows = await TestDatabase.QueryAsync(Host.DataPath, """
            SELECT (SELECT "Serial" FROM event_head) || ' ' || (SELECT count(*) FROM namespaces) || ' ' || (SELECT count(*) FROM image_repositories) || ' ' || (SELECT count(*) FROM image_manifests)
                || ' ' || (SELECT count(*) || ' ' || coalesce(sum("CreatedAt"), 0) FROM image_blobs) || ' ' || (SELECT count(*) || ' ' || coalesce(sum("UpdatedAt"), 0) FROM image_tags)
            """);
        var files = new DirectoryInfo(Path.Combine(Host.DataPath, "uploads")).EnumerateFiles("*", SearchOption.AllDirectories).Select(file => $"{file.Name} {file.Length}");
        return $"{rows.Single()}\n{(uploads ? string.Join('\n', files.Order(StringComparer.Ordinal)) : "")}";
    }

    private Task<Answer> PutBlobAsync(string repository, string content) =>
        OkAsync(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/?digest={Digest.Of(content)}", ImageHost.Bytes(System.Text.Encoding.UTF8.GetBytes(content)));

    private async Task<Answer> OkAsync(HttpMethod method, string path, HttpContent? content)
    {
        var answer = await Host.Admin.SendAsync(method, path, content);
        return (int)answer.Status < 300 ? answer : throw new InvalidOperationException($"{method} {path}: {(int)answer.Status} {answer.Text}");
    }
}
