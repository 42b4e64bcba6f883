using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>The writing calls of <c>kfp.registry.RegistryClient</c>, byte for byte as the SDK sends and reads them.</summary>
public sealed class KfpUploadTests : IAsyncLifetime
{
    private const string Root = "/catalogs/kfp/acme";

    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static string DigestOf(string text) => Digest.Of(Encoding.UTF8.GetBytes(text));

    private static string Component(string word) => Samples.ExistingImage(word).Replace("name: Greet", "name: Say it", StringComparison.Ordinal);

    private static string Pipeline(string name, string greeting = "hello", string extra = "") => $$$"""
        # PIPELINE DEFINITION
        components:
          comp-say:
            executorLabel: exec-say
            inputDefinitions:
              parameters:
                text: {parameterType: STRING}
        deploymentSpec:
          executors:
            exec-say:
              container:
                command: [echo, "{{$.inputs.parameters['text']}}"]
                image: alpine
        pipelineInfo:
          description: Says it.
          name: {{{name}}}
        root:
          dag:
            tasks:
              say:
                cachingOptions: {enableCache: true}
                componentRef: {name: comp-say}
                inputs:
                  parameters:
                    text: {componentInputParameter: text}
                taskInfo: {name: say}
          inputDefinitions:
            artifacts:
              table:
                artifactType: {schemaTitle: system.Dataset, schemaVersion: 0.0.1}
                isOptional: true
            parameters:
              text:
                defaultValue: {{{greeting}}}
                isOptional: true
                parameterType: STRING
              many:
                defaultValue: [1.0, 2.0]
                isOptional: true
                parameterType: LIST
        schemaVersion: 2.1.0
        sdkVersion: kfp-2.17.0
        {{{extra}}}
        """;

    /// <summary>As <c>requests</c> writes it: <c>tags</c> first and without a file name, then <c>content</c> without a content type.</summary>
    private async Task<Answer> UploadAsync(byte[] content, string? tags = null, params (string Name, string Value)[] headers)
    {
        using var form = new MultipartFormDataContent();
        if (tags is not null)
            form.Add(Part(Encoding.UTF8.GetBytes(tags), "form-data; name=\"tags\""));
        form.Add(Part(content, "form-data; name=\"content\"; filename=\"whatever.yaml\""));
        return await _host.Admin.SendAsync(HttpMethod.Post, Root, form, headers);

        static ByteArrayContent Part(byte[] bytes, string disposition)
        {
            var part = new ByteArrayContent(bytes);
            part.Headers.ContentDisposition = ContentDispositionHeaderValue.Parse(disposition);
            return part;
        }
    }

    private Task<Answer> UploadAsync(string content, string? tags = null, params (string Name, string Value)[] headers) => UploadAsync(Encoding.UTF8.GetBytes(content), tags, headers);

    private async Task UploadedAsync(string content, string package, string? tags = null)
    {
        var answer = await UploadAsync(content, tags);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal($"{package}/{DigestOf(content)}", answer.Text);
        Assert.Equal("text/plain", answer.Message.Content.Headers.ContentType!.MediaType);
    }

    private async Task<string[]> TagsAsync(string package)
    {
        var answer = await _host.GetAsync($"{Root}/packages/{package}/tags");
        return [.. JsonDocument.Parse(answer.Text).RootElement.GetProperty("tags").EnumerateArray().Select(tag => $"{Last(tag, "name", "/tags/")}={Last(tag, "version", "/versions/")}")];

        static string Last(JsonElement tag, string field, string after) => tag.GetProperty(field).GetString()!.Split(after)[1];
    }

    private Task<Answer> TagAsync(HttpMethod method, string path, string package, string digest) =>
        _host.Admin.SendAsync(method, $"{Root}/packages/{package}/tags{path}", Changes.Json($$"""{"name": "", "version": "packages/{{package}}/versions/{{digest}}"}"""));

    private Task<Answer> DeleteAsync(string path) => _host.Admin.SendAsync(HttpMethod.Delete, $"{Root}/packages/{path}");

    [Fact]
    public async Task An_upload_is_a_publish_and_its_answer_is_package_and_digest_alone()
    {
        var text = Component("one");
        await UploadedAsync(text, "say-it", "v1,stable");
        var version = await _host.ComponentAsync("acme/say-it/versions/latest");
        Assert.Equal(("0.1.0", "component", "ready"), (version["version"], version["kind"], version["state"]));
        Assert.Equal([$"0.1.0={DigestOf(text)}", $"latest={DigestOf(text)}", $"stable={DigestOf(text)}", $"v1={DigestOf(text)}"], await TagsAsync("say-it"));
        Assert.Equal(text, (await _host.GetAsync($"{Root}/say-it/{DigestOf(text)}")).Text);

        // The same bytes are the same version, and a tag that is sent along moves to it.
        await UploadedAsync(Component("two"), "say-it", "v2");
        await UploadedAsync(text, "say-it", "stable,again");
        Assert.Equal([$"0.1.0={DigestOf(text)}", $"0.2.0={DigestOf(Component("two"))}", $"again={DigestOf(text)}", $"latest={DigestOf(Component("two"))}", $"stable={DigestOf(text)}", $"v1={DigestOf(text)}", $"v2={DigestOf(Component("two"))}"],
            await TagsAsync("say-it"));
    }

    [Fact]
    public async Task A_tag_that_is_a_number_names_the_version()
    {
        await UploadedAsync(Component("one"), "say-it", "2.3.0,prod");
        Assert.Equal("2.3.0", (await _host.ComponentAsync("acme/say-it/versions/prod"))["version"]);
        var other = await UploadAsync(Component("two"), "2.3.0");
        Assert.Equal((HttpStatusCode.Conflict, "ALREADY_EXISTS"), (other.Status, Error(other).Status));
        var two = await UploadAsync(Component("two"), "2.4.0,2.5.0");
        Assert.Equal(HttpStatusCode.BadRequest, two.Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await UploadAsync(Component("two"), "01.0.0")).Status);
    }

    [Fact]
    public async Task Headers_carry_what_the_form_of_the_SDK_has_no_field_for()
    {
        Assert.Equal(HttpStatusCode.OK, (await UploadAsync(Component("one"), null, ("description", "The first."))).Status);
        Assert.Equal("The first.", (await _host.ComponentAsync("acme/say-it/versions/0.1.0"))["message"]);
    }

    [Fact]
    public async Task A_compiled_pipeline_is_kept_verbatim_and_ready_at_once_and_no_palette_shows_it()
    {
        var text = Pipeline("say-all");
        await UploadedAsync(text, "say-all", "prod");
        var version = await _host.ComponentAsync("acme/say-all/versions/prod");
        Assert.Equal(("pipeline", "ready", "Says it."), (version["kind"], version["state"], version["description"]));
        Assert.Equal(["table:Dataset", "text:String", "many:JsonArray"], version.Json.GetProperty("inputs").EnumerateArray().Select(port => $"{port.GetProperty("name")}:{port.GetProperty("type")}"));
        Assert.Equal("ok", version.Json.GetProperty("verdicts").GetProperty("kfp-v2").GetProperty("verdict").GetString());
        Assert.Equal("refused", version.Json.GetProperty("verdicts").GetProperty("elyra-palette").GetProperty("verdict").GetString());
        foreach (var path in new[] { "0.1.0/original.yaml", "0.1.0/pipeline.yaml", $"{DigestOf(text)}/pipeline.yaml" })
            Assert.Equal(text, (await _host.ComponentAsync($"acme/say-all/versions/{path}")).Text);
        foreach (var form in new[] { "component.yaml", "elyra.yaml", "operator.py", "job.yaml", "usage" })
        {
            var none = await _host.ComponentAsync($"acme/say-all/versions/0.1.0/{form}");
            Assert.Equal((HttpStatusCode.NotFound, "form-not-found"), (none.Status, none["type"]));
        }
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync("/components/acme/say-all")).Status);
        Assert.DoesNotContain("say-all", (await _host.GetAsync("/catalogs/elyra/acme/catalog.json?runtime=kfp")).Text, StringComparison.Ordinal);

        // What is for one platform alone stands in a second document.
        await UploadedAsync(Pipeline("say-all", "hello", "---\nplatforms: {kubernetes: {}}"), "say-all");
        Assert.Equal("0.2.0", (await _host.ComponentAsync("acme/say-all/versions/latest"))["version"]);
    }

    [Fact]
    public async Task A_name_has_one_kind()
    {
        await UploadedAsync(Component("one"), "say-it");
        var other = await UploadAsync(Pipeline("say-it"));
        Assert.Equal(HttpStatusCode.Conflict, other.Status);
        Assert.Contains("acme/say-it is a component, and this upload is a pipeline", Error(other).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archives_hold_the_definition_and_its_digest_is_the_one_of_the_file_inside()
    {
        var pipeline = Pipeline("in-zip");
        var zipped = await UploadAsync(Archives.Zip(("pipeline.yaml", pipeline)));
        Assert.Equal($"in-zip/{DigestOf(pipeline)}", zipped.Text);
        // The same bytes, packed or not, are one version.
        await UploadedAsync(pipeline, "in-zip");
        Assert.Equal($"in-zip/{DigestOf(pipeline)}", (await UploadAsync(Archives.TarGz(("in.yaml", pipeline)))).Text);
        Assert.Single(JsonDocument.Parse((await _host.GetAsync($"{Root}/packages/in-zip/versions")).Text).RootElement.GetProperty("versions").EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, (await _host.ComponentAsync("acme/in-zip/versions/0.2.0")).Status);

        // What lies beside a component belongs to it.
        Assert.Equal($"say-it/{DigestOf(Component("one"))}", (await UploadAsync(Archives.TarGz(("component.yaml", Component("one")), ("README.md", "# Read me")))).Text);
        Assert.Equal("# Read me", (await _host.ComponentAsync("acme/say-it/versions/latest/readme")).Text);
    }

    [Theory]
    [InlineData("name: [unclosed\n", 422)]
    [InlineData("", 422)]
    [InlineData("just words", 422)]
    [InlineData("pipelineInfo: {name: x}\n", 422)]
    [InlineData("pipelineInfo: {name: x}\ndeploymentSpec: {}\nroot: {dag: {tasks: {}}}\nschemaVersion: 2.1.0\n", 422)]
    [InlineData("pipelineInfo: {name: x}\ndeploymentSpec: {}\nroot: {dag: {tasks: {a: {}}}}\nschemaVersion: 1.0.0\n", 422)]
    [InlineData("pipelineInfo: {name: ''}\ndeploymentSpec: {}\nroot: {dag: {tasks: {a: {}}}}\nschemaVersion: 2.1.0\n", 422)]
    [InlineData("pipelineInfo: {name: x}\ndeploymentSpec: {}\nroot: {dag: {tasks: {a: {}}}}\nschemaVersion: 2.1.0\nowner: me\n", 422)]
    [InlineData("pipelineInfo: {name: x}\ndeploymentSpec: {}\nroot: {dag: {tasks: {a: {}}}}\nschemaVersion: 2.1.0\n---\na: b\n", 422)]
    [InlineData("pipelineInfo: &a {name: x}\ndeploymentSpec: *a\n", 422)]
    [InlineData("PK not a zip", 422)]
    public async Task What_cannot_be_published_is_refused_with_a_message_that_the_SDK_shows(string content, int status)
    {
        var answer = await UploadAsync(content);
        Assert.Equal(status, (int)answer.Status);
        Assert.Equal((status, "INVALID_ARGUMENT"), (Error(answer).Code, Error(answer).Status));
        Assert.NotEmpty(Error(answer).Message);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync($"{Root}/packages/x")).Status);
    }

    [Fact]
    public async Task Only_the_parts_of_the_SDK_are_taken_and_only_from_publishers()
    {
        using var form = new MultipartFormDataContent { { new StringContent("x"), "owner" } };
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _host.Admin.SendAsync(HttpMethod.Post, Root, form)).Status);
        var anonymous = await _host.Anonymous.SendAsync(HttpMethod.Post, Root, new MultipartFormDataContent { { new StringContent("x"), "content", "x" } });
        Assert.Equal((HttpStatusCode.Unauthorized, "UNAUTHENTICATED"), (anonymous.Status, Error(anonymous).Status));
        Assert.NotEmpty(anonymous.Message.Headers.WwwAuthenticate);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await _host.Admin.SendAsync(HttpMethod.Post, Root, new StringContent("{}"))).Status);
    }

    [Fact]
    public async Task Tags_are_made_once_moved_and_deleted()
    {
        await UploadedAsync(Component("one"), "say-it");
        await UploadedAsync(Component("two"), "say-it");
        var (one, two) = (DigestOf(Component("one")), DigestOf(Component("two")));
        var made = await TagAsync(HttpMethod.Post, "?tagId=stable", "say-it", one);
        Assert.Equal((HttpStatusCode.OK, $$"""{"name":"packages/say-it/tags/stable","version":"packages/say-it/versions/{{one}}"}"""), (made.Status, made.Text));
        Assert.Equal("0.1.0", (await _host.ComponentAsync("acme/say-it/versions/stable"))["version"]);
        Assert.Equal(HttpStatusCode.Conflict, (await TagAsync(HttpMethod.Post, "?tagId=stable", "say-it", two)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await TagAsync(HttpMethod.Post, "?tagId=0.1.0", "say-it", two)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await TagAsync(HttpMethod.Post, "?tagId=9.9.9", "say-it", two)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await TagAsync(HttpMethod.Post, "?tagId=ghost", "say-it", DigestOf("nothing"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await TagAsync(HttpMethod.Post, "?tagId=No%20Tag", "say-it", two)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await TagAsync(HttpMethod.Post, "", "say-it", two)).Status);
        var moved = await TagAsync(HttpMethod.Patch, "/stable?updateMask=version", "say-it", two);
        Assert.Equal((HttpStatusCode.OK, two), (moved.Status, moved.Json.GetProperty("version").GetString()!.Split('/')[^1]));
        Assert.Equal("0.2.0", (await _host.ComponentAsync("acme/say-it/versions/stable"))["version"]);
        Assert.Equal(HttpStatusCode.NotFound, (await TagAsync(HttpMethod.Patch, "/none?updateMask=version", "say-it", two)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await TagAsync(HttpMethod.Patch, "/0.1.0?updateMask=version", "say-it", two)).Status);
        var gone = await DeleteAsync("say-it/tags/stable");
        Assert.Equal((HttpStatusCode.OK, "{}"), (gone.Status, gone.Text));
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync("say-it/tags/stable")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await DeleteAsync("say-it/tags/0.1.0")).Status);
        var foreign = await _host.Admin.SendAsync(HttpMethod.Post, $"{Root}/packages/say-it/tags?tagId=odd", Changes.Json($$"""{"version": "packages/other/versions/{{one}}"}"""));
        Assert.Equal(HttpStatusCode.BadRequest, foreign.Status);
    }

    [Fact]
    public async Task A_deleted_version_is_gone_for_KFP_stays_where_it_is_pinned_and_comes_back_with_the_same_bytes()
    {
        var (one, two) = (Component("one"), Component("two"));
        await UploadedAsync(one, "say-it");
        await UploadedAsync(two, "say-it", "v2");
        var tagged = await DeleteAsync($"say-it/versions/{DigestOf(two)}");
        Assert.Equal(HttpStatusCode.Conflict, tagged.Status);
        Assert.Contains("v2", Error(tagged).Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await DeleteAsync("say-it/tags/v2")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync("say-it/versions/0.2.0")).Status);
        var done = await DeleteAsync($"say-it/versions/{DigestOf(two)}");
        Assert.Equal((HttpStatusCode.OK, """{"done":true}"""), (done.Status, done.Text));

        foreach (var path in new[] { $"packages/say-it/versions/{DigestOf(two)}", $"say-it/{DigestOf(two)}", "say-it/0.2.0", "packages/say-it/tags/0.2.0" })
            Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync($"{Root}/{path}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync($"say-it/versions/{DigestOf(two)}")).Status);
        Assert.Equal([$"0.1.0={DigestOf(one)}", $"latest={DigestOf(one)}"], await TagsAsync("say-it"));
        var pinned = await _host.ComponentAsync("acme/say-it/versions/0.2.0");
        Assert.Equal(("true", "true", "ready"), (pinned["yanked"], pinned["withdrawn"], pinned["state"]));
        Assert.Equal(two, (await _host.ComponentAsync($"acme/say-it/versions/{DigestOf(two)}/original.yaml")).Text);

        // The number is not used for other bytes.
        Assert.Equal(HttpStatusCode.Conflict, (await UploadAsync(Component("three"), "0.2.0")).Status);
        await UploadedAsync(Component("three"), "say-it");
        Assert.Equal("0.3.0", (await _host.ComponentAsync("acme/say-it/versions/latest"))["version"]);

        await UploadedAsync(two, "say-it", "back");
        Assert.Contains($"back={DigestOf(two)}", await TagsAsync("say-it"));
        Assert.Contains($"0.2.0={DigestOf(two)}", await TagsAsync("say-it"));
        Assert.Equal("false", (await _host.ComponentAsync("acme/say-it/versions/0.2.0"))["yanked"]);
    }

    [Fact]
    public async Task What_a_person_had_yanked_before_it_was_deleted_is_yanked_when_it_is_back()
    {
        await UploadedAsync(Component("one"), "say-it");
        await _host.PatchAsync("acme/say-it/versions/0.1.0", """{"yanked": true, "reason": "Leaks data."}""");
        Assert.Equal(HttpStatusCode.OK, (await DeleteAsync($"say-it/versions/{DigestOf(Component("one"))}")).Status);
        await UploadedAsync(Component("one"), "say-it");
        var back = await _host.ComponentAsync("acme/say-it/versions/0.1.0");
        Assert.Equal(("true", "Leaks data.", null), (back["yanked"], back["yankReason"], back["withdrawn"]));
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync($"{Root}/say-it/{DigestOf(Component("one"))}")).Status);
        Assert.Equal("version.yanked", (await _host.EventKindsAsync("acme/say-it"))[^1]);
    }

    [Fact]
    public async Task A_token_for_yank_alone_deletes_no_tags()
    {
        await UploadedAsync(Component("one"), "say-it", "prod");
        var yank = await _host.NamespaceTokenAsync("acme/*", "yank");
        Task<Answer> YankAsync() => _host.Anonymous.SendAsync(HttpMethod.Delete, $"{Root}/packages/say-it", null, ("Authorization", "Bearer " + yank));
        Assert.Equal(HttpStatusCode.Forbidden, (await YankAsync()).Status);
        Assert.Equal("false", (await _host.ComponentAsync("acme/say-it/versions/prod"))["yanked"]);
        Assert.Equal(HttpStatusCode.OK, (await DeleteAsync("say-it/tags/prod")).Status);
        Assert.Equal(HttpStatusCode.OK, (await YankAsync()).Status);
    }

    [Fact]
    public async Task A_deleted_package_is_gone_with_its_tags_and_comes_back_with_an_upload()
    {
        await UploadedAsync(Component("one"), "say-it", "prod");
        await UploadedAsync(Component("two"), "say-it", "latest");
        Assert.Equal("""{"done":true}""", (await DeleteAsync("say-it")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync($"{Root}/packages/say-it")).Status);
        Assert.Equal("""{"packages":[]}""", (await _host.GetAsync($"{Root}/packages")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync("say-it")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.ComponentAsync("acme/say-it/versions/0.2.0/component.yaml")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _host.ComponentAsync("acme/say-it/versions/prod")).Status);
        await UploadedAsync(Component("two"), "say-it");
        Assert.Equal([$"0.2.0={DigestOf(Component("two"))}", $"latest={DigestOf(Component("two"))}"], await TagsAsync("say-it"));
    }

    [Fact]
    public async Task Undoing_the_yank_brings_a_deleted_version_back_too()
    {
        await UploadedAsync(Component("one"), "say-it");
        Assert.Equal(HttpStatusCode.OK, (await DeleteAsync($"say-it/versions/{DigestOf(Component("one"))}")).Status);
        (await _host.Admin.PatchAsync("/api/v1/components/acme/say-it/versions/0.1.0", Changes.Json("""{"yanked": false}"""))).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.OK, (await _host.GetAsync($"{Root}/say-it/0.1.0")).Status);
    }

    [Fact]
    public async Task The_configuration_file_names_every_call_under_the_public_address()
    {
        await UploadedAsync(Component("one"), "say-it");
        var context = (await _host.GetAsync($"{Root}/context.json")).Json;
        Assert.EndsWith(Root, context.GetProperty("host").GetString(), StringComparison.Ordinal);
        Assert.Equal("{host}/packages/{package_name}/tags?tagId={tag}", context.GetProperty("create_tag_url").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync("/catalogs/kfp/nobody/context.json")).Status);
    }

    private static (int Code, string Message, string Status) Error(Answer answer)
    {
        var error = answer.Json.GetProperty("error");
        return (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()!, error.GetProperty("status").GetString()!);
    }
}
