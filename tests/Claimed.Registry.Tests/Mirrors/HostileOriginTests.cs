using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Mirrors;

/// <summary>An origin whose answers are not what it says, or not what they may be: the version is refused, with the digests, and nothing of it is here.</summary>
[Trait("Database", "any")]
public sealed class HostileOriginTests : IAsyncLifetime
{
    private const string Record = "/api/v1/components/acme/greet/versions/1.0.0/record.json";
    private readonly MirrorPair _pair = new();

    public async ValueTask InitializeAsync()
    {
        await _pair.InitializeAsync();
        await _pair.PublishWithImageAsync("greet", "1.0.0", "one");
        await _pair.Origin.PublishReadyAsync("acme", "other", "1.0.0");
    }

    public ValueTask DisposeAsync() => _pair.DisposeAsync();

    public static TheoryData<string, string> Lies => new()
    {
        { "definition", "its definition has the digest sha256:" },
        { "definition-broken", "its definition cannot be" },
        { "options", "have the bundle digest sha256:" },
        { "bundle", "other bytes at api/v1/components/acme/greet/versions/1.0.0/bundle" },
        { "form", "other bytes at api/v1/components/acme/greet/versions/sha256:" },
        { "manifest", "other bytes at v2/acme/greet/manifests/sha256:" },
        { "other-version", "the record of another version" },
        { "kind", "its definition and image say otherwise" },
        { "digest", "has the digest" },
        { "zero", "with something else than is expected there" },
        { "channel-null", "its channel \"stable\" means null" },
        { "channel-odd", "a version \"newest\", which cannot be one" },
        { "readme", "the forms of 1.0.0 are not what forms can be" },
        { "depth", "with something else than is expected there" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_is_not_as_its_digest_says_is_refused_and_the_rest_comes(string lie, string told)
    {
        var before = await StoredThings.InAsync(_pair.Copy);
        _pair.Changes = (path, text) => lie switch
        {
            "definition" when path == Record => Edit(text, record => record["definition"] = record["definition"]!.GetValue<string>().Replace("Says one.", "Says two.", StringComparison.Ordinal)),
            "definition-broken" when path == Record => Edit(text, record =>
            {
                record["definition"] = """{"name":"greet","displayName":"Greet","language":"container","mainFile":"component.yaml","inputs":[null]}""";
                record["definitionDigest"] = Registry.Storage.Digest.Of(record["definition"]!.GetValue<string>());
            }),
            "options" when path == Record => Edit(text, record => record["options"]!["main"] = "component.yaml"),
            "bundle" when path.EndsWith("greet/versions/1.0.0/bundle", StringComparison.Ordinal) => text[..^1],
            "form" when path.EndsWith("/operator.py", StringComparison.Ordinal) && path.Contains("/greet/", StringComparison.Ordinal) => text.Replace("Greet", "Grief", StringComparison.Ordinal),
            "manifest" when path.StartsWith("/v2/acme/greet/manifests/sha256:", StringComparison.Ordinal) => text + " ",
            "other-version" when path == Record => Edit(text, record => record["name"] = "other"),
            "kind" when path.EndsWith("/greet/record.json", StringComparison.Ordinal) => Edit(text, record => record["kind"] = "pipeline"),
            "digest" when path == Record => Edit(text, record => record["facts"]!["imageDigest"] = "sha256:" + new string('0', 64)),
            "zero" when path == Record => text.Replace("Says one.", "Says \\u0000.", StringComparison.Ordinal).Replace("\"publishedBy\":\"", "\"publishedBy\":\"\\u0000", StringComparison.Ordinal),
            "channel-null" when path.EndsWith("/greet/record.json", StringComparison.Ordinal) => Edit(text, record => record["channels"]!["stable"] = null),
            "channel-odd" when path.EndsWith("/greet/record.json", StringComparison.Ordinal) => Edit(text, record => record["channels"]!["stable"] = "newest"),
            "readme" when path.EndsWith("/greet/record.json", StringComparison.Ordinal) => Edit(text, record => record["versions"]![0]!["renditions"]!.AsArray()
                .Add(new JsonObject { ["form"] = "readme", ["revision"] = 1, ["digest"] = "sha256:" + new string('0', 64), ["size"] = (1 << 20) + 1 })),
            "depth" when path == Record => new string('[', 100_000),
            _ => text,
        };
        var once = await _pair.OnceAsync();
        once.AssertDid(copied: 1, changed: 0, refused: 1);
        Assert.Contains(told, Assert.Single(once.Refused), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _pair.Copy.ComponentAsync("acme/greet")).Status);
        Assert.Equal("ready", (await _pair.Copy.ComponentAsync("acme/other/versions/1.0.0"))["state"]);
        Assert.True((await StoredThings.InAsync(_pair.Copy)).Rows > before.Rows);

        // Honest again, it comes.
        _pair.Changes = null;
        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 0);
        await _pair.AssertSameByDigestAsync("acme/greet", "1.0.0");
    }

    [Fact]
    public async Task What_this_program_trips_over_is_told_and_the_rest_comes()
    {
        await _pair.PublishWithImageAsync("greet", "6.6.6", "six");
        await TestDatabase.ExecuteAsync(_pair.Copy.DataPath, TestDatabase.IsPostgres
            ? """ALTER TABLE versions ADD CONSTRAINT odd CHECK ("Number" <> '6.6.6')"""
            : """CREATE TRIGGER odd BEFORE INSERT ON versions WHEN NEW."Number" = '6.6.6' BEGIN SELECT RAISE(ABORT, 'odd'); END""");
        var once = await _pair.OnceAsync();
        Assert.StartsWith("acme/greet is not copied: ", Assert.Single(once.Refused), StringComparison.Ordinal);
        Assert.Equal("ready", (await _pair.Copy.ComponentAsync("acme/other/versions/1.0.0"))["state"]);
        await TestDatabase.ExecuteAsync(_pair.Copy.DataPath, TestDatabase.IsPostgres ? "ALTER TABLE versions DROP CONSTRAINT odd" : "DROP TRIGGER odd");
        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 0);
    }

    [Fact]
    public async Task A_layer_of_another_namespace_here_is_not_given_out_on_the_word_of_the_origin()
    {
        // Private here, and named by a manifest there that does not have it.
        await _pair.Copy.CreateNamespaceAsync("vault", isPrivate: true);
        var layer = "layer greet one"u8.ToArray();
        var pushed = await _pair.Copy.Admin.PostAsync($"/v2/vault/box/blobs/uploads/?digest={Registry.Storage.Digest.Of(layer)}", Images.ImageHost.Bytes(layer), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        _pair.Changes = (path, text) => path.EndsWith($"/blobs/{Registry.Storage.Digest.Of(layer)}", StringComparison.Ordinal) ? "nothing of it" : text;
        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 0, refused: 1);
        Assert.Equal(HttpStatusCode.NotFound, (await _pair.Copy.Anonymous.GetAsync($"/v2/acme/greet/blobs/{Registry.Storage.Digest.Of(layer)}", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Events_that_are_none_stop_the_run_and_move_nothing()
    {
        (await _pair.OnceAsync()).AssertDid(copied: 2, changed: 0);
        await _pair.PublishWithImageAsync("greet", "1.1.0", "two");
        var serial = await TestDatabase.QueryAsync(_pair.Copy.DataPath, "SELECT \"Serial\" FROM mirrors");
        foreach (var lie in new[] { """{"items":[{"serial":5,"at":"2026-01-01T00:00:00Z","kind":"x","subject":"y"}],"next":"1"}""", """{"items":[null],"next":"99999"}""", "{}", "[", "<html>" })
        {
            _pair.Changes = (path, text) => path == "/api/v1/events" ? lie : text;
            await Assert.ThrowsAnyAsync<Exception>(() => _pair.OnceAsync());
            Assert.Equal(serial, await TestDatabase.QueryAsync(_pair.Copy.DataPath, "SELECT \"Serial\" FROM mirrors"));
        }
        _pair.Changes = null;
        (await _pair.OnceAsync()).AssertDid(copied: 1, changed: 0);
    }

    private static string Edit(string text, Action<JsonObject> edit)
    {
        var record = JsonNode.Parse(Encoding.Latin1.GetBytes(text))!.AsObject();
        edit(record);
        return Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(record.ToJsonString()));
    }
}
