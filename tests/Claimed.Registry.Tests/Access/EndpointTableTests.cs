using System.Net;
using System.Text;
using Claimed.Registry.Access;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Access;

/// <summary>Every endpoint against every kind of caller: the status that its policy means, nothing changed by who may not, nothing told to who may not see.</summary>
[Trait("Database", "any")]
public sealed class EndpointTableTests(EndpointTableTests.Setup setup) : IClassFixture<EndpointTableTests.Setup>
{
    private const string Space = "vault";

    [Fact]
    public void Every_endpoint_says_who_may_use_it() =>
        Assert.Empty(setup.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<EndpointPolicy>() is null).Select(endpoint => endpoint.RoutePattern.RawText));

    public static TheoryData<string> Callers =>
        ["anonymous", "reader", "publisher", "owner", "administrator", "stranger", "pull only", "other namespace", "other component", "expired", "revoked", "malformed"];

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Each_endpoint_answers_each_caller_as_its_policy_says(string who)
    {
        var wrong = new List<string>();
        foreach (var endpoint in setup.Endpoints)
        {
            var policy = endpoint.Metadata.GetMetadata<EndpointPolicy>()!;
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                var path = setup.PathOf(endpoint.RoutePattern.RawText!);
                var before = await setup.SerialAsync();
                var answer = await setup.SendAsync(who, method, path);
                var expected = Expected(who, policy, path);
                if (!expected.IsRight(answer))
                    wrong.Add($"{method} {path} ({policy.Deed}, {policy.Reach}): {(int)answer.Status}, wanted {expected.Text}; {answer.Text}");
                if (expected.IsRefusal && await setup.SerialAsync() != before)
                    wrong.Add($"{method} {path} was refused and changed something");
                if (!Sees(who) && path.Contains(Space, StringComparison.Ordinal) == false && answer.Text.Contains(Space, StringComparison.Ordinal))
                    wrong.Add($"{method} {path} tells of {Space}: {answer.Text}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static bool IsSignedIn(string who) => who is not ("anonymous" or "expired" or "revoked" or "malformed");

    private static bool Sees(string who) => who is "reader" or "publisher" or "owner" or "administrator" or "pull only" or "other component";

    private static MemberRole RoleOf(string who) => who switch
    {
        "reader" => MemberRole.Reader,
        "publisher" => MemberRole.Publisher,
        "owner" or "administrator" => MemberRole.Owner,
        _ => MemberRole.None,
    };

    private static Outcome Expected(string who, EndpointPolicy policy, string path)
    {
        var isOfSpace = path.Contains("/" + Space, StringComparison.Ordinal) || path.Contains("-" + Space, StringComparison.Ordinal) || (path.Contains("/builds/", StringComparison.Ordinal) && !path.EndsWith('/')) || path.Contains("/digests/", StringComparison.Ordinal);
        switch (policy.Reach)
        {
            case PolicyReach.Open:
                // A report is refused unless a scanner signed it.
                if (path == "/api/v1/tokens/leaks")
                    return Outcome.SignIn;
                // "docker login" with a wrong token must not succeed.
                return path == "/token" && who is ("expired" or "revoked" or "malformed") ? Outcome.SignIn : Outcome.Served;
            case PolicyReach.Sight:
                // Under /v2/ the anonymous are asked who they are; what is invalid is invalid everywhere there.
                if (path.StartsWith("/v2/", StringComparison.Ordinal))
                    return IsSignedIn(who) ? (Sees(who) && who != "other component" ? Outcome.Served : Outcome.NotFound) : Outcome.SignIn;
                if (path == "/api/v1/me")
                    return who is "expired" or "revoked" or "malformed" ? Outcome.SignIn : Outcome.Served;
                if (!isOfSpace)
                    return Outcome.Served;
                // A package has all components of its namespace.
                if (who == "other component" && path.StartsWith("/catalogs/airflow/", StringComparison.Ordinal))
                    return Outcome.NotFound;
                if (who == "other component")
                    return path is $"/api/v1/namespaces/{Space}" or $"/components/{Space}" || (path.StartsWith("/catalogs/", StringComparison.Ordinal) && !path.Contains("/tool", StringComparison.Ordinal)) ? Outcome.Served : Outcome.NotFound;
                return Sees(who) ? Outcome.Served : Outcome.NotFound;
            case PolicyReach.Browser:
                return Outcome.Page;
            case PolicyReach.SignedIn:
                return IsSignedIn(who) ? Outcome.Any : Outcome.SignIn;
            default:
                if (!IsSignedIn(who))
                    return Outcome.SignIn;
                if (policy.Deed == Deed.Administer)
                    return who == "administrator" ? Outcome.Allowed : Outcome.Forbidden;
                if (!isOfSpace)
                    return Outcome.Any;
                if (RoleOf(who) >= policy.Deed.LeastRole())
                    return Outcome.Allowed;
                if (who == "other component" && path.Contains("/builds/", StringComparison.Ordinal))
                    return Outcome.NotFound;
                return Sees(who) ? Outcome.Forbidden : Outcome.NotFound;
        }
    }

    private sealed record Outcome(string Text, bool IsRefusal, Func<Answer, bool> IsRight)
    {
        public static readonly Outcome Served = new("what is asked for", false, answer => (int)answer.Status < 300 || answer["type"] is "bad-field" or "bad-query" or "not-multipart");
        public static readonly Outcome Allowed = new("no refusal of the right", false, answer => answer.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) && (int)answer.Status < 500 && answer["type"] != "namespace-not-found");
        public static readonly Outcome Page = new("the sign-in page, or nothing done", true, answer => answer.Status is HttpStatusCode.OK or HttpStatusCode.BadRequest && answer.ContentType == "text/html; charset=utf-8");
        public static readonly Outcome SignIn = new("401", true, answer => answer.Status == HttpStatusCode.Unauthorized && answer.Message.Headers.WwwAuthenticate.Count > 0);
        public static readonly Outcome Forbidden = new("403", true, answer => answer.Status == HttpStatusCode.Forbidden);
        public static readonly Outcome NotFound = new("404", true, answer => answer.Status == HttpStatusCode.NotFound);
        public static readonly Outcome Any = new("anything but an error", false, answer => (int)answer.Status < 500);
    }

    /// <summary>A registry with a private namespace, one component and a waiting build in it, and callers of every kind.</summary>
    public sealed class Setup : SharedRegistry, IAsyncLifetime
    {
        private readonly Dictionary<string, HttpClient> _clients = [];
        private string _build = "";
        private string _bundle = "";

        public IReadOnlyList<RouteEndpoint> Endpoints => [.. Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            await Host.CreateNamespaceAsync(Space, isPrivate: true, ("rita", "reader"), ("paul", "publisher"), ("olga", "owner"));
            await Host.CreateNamespaceAsync("elsewhere", isPrivate: false, ("sam", "owner"));
            _bundle = (await Host.PublishReadyAsync(Space, "tool", "1.0.0"))["bundleDigest"]!;
            await Host.Admin.SendAsync(HttpMethod.Post, $"/v2/{Space}/tool/blobs/uploads/?digest={Digest.Of("layer"u8)}", new ByteArrayContent("layer"u8.ToArray()));
            var index = Multipart.Content("""{"schemaVersion":2,"manifests":[]}"""u8.ToArray(), "application/vnd.oci.image.index.v1+json");
            Assert.Equal(HttpStatusCode.Created, (await Host.Admin.SendAsync(HttpMethod.Put, $"/v2/{Space}/tool/manifests/shown", index)).Status);
            _build = (await Host.PublishAsync(Space, "tool", "2.0.0", ("tool.py", "print(1)")))["build.id"]!;
            // As if a builder had begun with it: any text will do for its Dockerfile.
            await TestDatabase.ExecuteAsync(Host.DataPath, """UPDATE builds SET "DockerfileBlob" = (SELECT min("Digest") FROM renditions)""");
            _clients["anonymous"] = Host.Anonymous;
            _clients["administrator"] = Host.Admin;
            _clients["malformed"] = Host.With("clmt_nonsense");
            _clients["reader"] = Host.With(await Host.TokenAsync("rita"));
            _clients["publisher"] = Host.With(await Host.TokenAsync("paul"));
            _clients["owner"] = Host.With(await Host.TokenAsync("olga"));
            _clients["stranger"] = Host.With(await Host.TokenAsync("sam"));
            _clients["pull only"] = Host.With(await Host.TokenAsync("olga", "pull"));
            _clients["other namespace"] = Host.With(await Host.TokenAsync("olga", pattern: "elsewhere/*"));
            _clients["other component"] = Host.With(await Host.TokenAsync("olga", pattern: $"{Space}/other"));
            _clients["revoked"] = Host.With(await Host.RevokedTokenAsync("olga"));
            _clients["expired"] = Host.With(await Host.ExpiredTokenAsync());
        }

        public Task<Answer> SendAsync(string who, string method, string path) => _clients[who].SendAsync(new HttpMethod(method), path,
            method is "PUT" or "PATCH" or "POST" ? new StringContent("{}", Encoding.UTF8, "application/json") : null);

        public async Task<string> SerialAsync() =>
            (await Host.Admin.SendAsync(HttpMethod.Get, "/api/v1/events?after=0&limit=500"))["next"]!;

        public string PathOf(string pattern)
        {
            var path = pattern.StartsWith('/') ? pattern : "/" + pattern;
            foreach (var (part, value) in new Dictionary<string, string>
            {
                ["{namespace}"] = Space,
                ["{space}"] = Space,
                ["{name}"] = "tool",
                ["{version}"] = "1.0.0",
                ["{form}"] = "component.yaml",
                ["{channel}"] = "latest",
                ["{tag}"] = "latest",
                ["{**path}"] = path.Contains("/artifactory/api/", StringComparison.Ordinal) ? "" : path.Contains("/artifactory/", StringComparison.Ordinal) ? "tool/1.0.0.yaml" : $"{Space}/tool/component.yaml",
                ["{id}"] = $"{Space}--tool",
                ["{id:long}"] = path.Contains("/tokens/", StringComparison.Ordinal) ? "999999" : _build,
                ["{kind}"] = "user",
                ["{member}"] = "nobody",
                ["{user}"] = "Bad Name",
                ["{digest}"] = _bundle,
                ["{reference}"] = "shown",
                ["{key}"] = Host.Services.GetRequiredService<Claimed.Registry.Evidence.EvidenceKeys>().Signing.Id,
                ["{runtime}"] = "kfp",
                ["{project}"] = $"claimed-{Space}",
                ["{file}"] = path.Contains("/connector/", StringComparison.Ordinal) ? Host.Services.GetRequiredService<Claimed.Registry.Wheels.ConnectorWheel>().Info.FileName
                    : path.Contains("/airflow/", StringComparison.Ordinal) ? $"claimed_{Space}-latest-py3-none-any.whl" : "registry.css",
                ["{documentName}"] = "v1",
                ["{extension:regex(^(json|ya?ml)$)}"] = "json",
                ["{**rest}"] = $"{Space}/tool/tags/list",
            })
                path = path.Replace(part, value, StringComparison.Ordinal);
            return path;
        }
    }
}
