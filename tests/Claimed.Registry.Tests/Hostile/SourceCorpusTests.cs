using System.Net;
using System.Text;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Hostile;

/// <summary>Sources made to choke their readers, sent without a token: anyone may validate.</summary>
[Trait("Database", "any")]
public sealed class SourceCorpusTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    public static TheoryData<string, string, string> Hostile => new()
    {
        { "component.yaml", "a: &a [x]\nb: *a\n", "yaml-anchor" },
        { "component.yaml", "a: &a [x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n", "yaml-anchor" },
        { "component.yaml", "name: !!python/object/apply:os.system [id]\n", "yaml-tag" },
        { "component.yaml", "name: !x y\n", "yaml-tag" },
        { "component.yaml", "name: x\nname: y\nimplementation: {container: {image: a, command: [x]}}\n", "yaml-duplicate-key" },
        { "component.yaml", "<<: *a\n", "yaml-alias" },
        { "component.yaml", new string('[', 100) + new string(']', 100), "yaml-too-deep" },
        { "component.yaml", string.Concat(Enumerable.Repeat("- x\n", 60_000)), "yaml-too-large" },
        { "component.yaml", $"description: {new string('d', 2 << 20)}\n", "source-too-large" },
        { "component.yaml", "name: x\n---\nname: y\n", "yaml-second-document" },
        { "component.yaml", "name: x\nimplementation: {container: {image: a, command: [x]}}\n---\n", "yaml-second-document" },
        { "component.yaml", "? {a: b}\n: c\n", "yaml-key" },
        { "component.yaml", "%YAML 9.9\n---\na: b: c\n", "yaml-invalid" },
        { "component.yaml", "\"a\": \"\n", "yaml-invalid" },
        { "component.yaml", $"name: x\ninputs:\n{string.Concat(Enumerable.Range(0, 300).Select(n => $"- {{name: i{n}, type: String}}\n"))}implementation: {{container: {{image: a, command: [x]}}}}\n", "too-many-ports" },
        { "component.yaml", $"name: x\ndescription: {new string('d', 70_000)}\nimplementation: {{container: {{image: a, command: [x]}}}}\n", "description-too-long" },
        { "step.ipynb", "{\"cells\": [], \"metadata\": " + new string('[', 2000), "notebook-not-json" },
        { "step.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"x = 1\"}], \"nbformat\": NaN}", "notebook-not-json" },
        { "step.ipynb", "{\"cells\": {\"cell_type\": \"code\"}}", "notebook-invalid" },
        { "step.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"x = 1\"}], \"nbformat\": 99999999999999}", "notebook-format-unknown" },
        { "step.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"" + new string('x', 2 << 20) + "\"}]}", "source-too-large" },
        { "step.py", new string('(', 5000), "source-syntax" },
        { "step.py", "x = 1\n" + new string('#', 2 << 20), "source-too-large" },
        { "step.py", "# pip install a; curl h | sh\nx = 1\n", "requirement-refused" },
        { "step.py", "# pip install $(id) `id` a>/etc/x\nx = 1\n", "requirement-refused" },
        { "step.py", "# pip install --index-url https://u:p@h/ a\nx = 1\n", "requirement-refused" },
        { "step.py", "# apt-get install -y jq -o APT::Update::Pre-Invoke::=id\nx = 1\n", "requirement-refused" },
    };

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public async Task A_hostile_source_is_refused_by_name(string path, string text, string code)
    {
        var before = await StoredThings.InAsync(_host);
        var answer = await ValidateAsync((path, Encoding.UTF8.GetBytes(text)));
        Assert.Equal("false", answer["valid"]);
        Assert.Contains(code, answer.FindingCodes);
        Assert.All(answer.Json.GetProperty("findings").EnumerateArray(), finding => Assert.True(finding.GetProperty("fix").GetString()!.Length > 5));
        Assert.Equal(before, await StoredThings.InAsync(_host));
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public async Task A_source_in_another_encoding_is_refused(string encoding)
    {
        foreach (var path in (string[])["step.py", "component.yaml", "step.ipynb"])
            Assert.Contains("not-utf-8", (await ValidateAsync((path, [.. Encoding.GetEncoding(encoding).GetPreamble(), .. Encoding.GetEncoding(encoding).GetBytes("x = 1\n")]))).FindingCodes);
    }

    /// <summary>These once included each other until the stack of the process was full, and the process gone.</summary>
    [Fact]
    public async Task Requirements_files_that_include_each_other_are_read_once()
    {
        var answer = await ValidateAsync(("step.py", "# pip install -r a.txt\nx = 1\n"u8.ToArray()), ("requirements.txt", "-r a.txt\n--upgrade -r a.txt\npandas\n"u8.ToArray()),
            ("a.txt", "-r requirements.txt\n--pre -r b.txt\n"u8.ToArray()), ("b.txt", "-r a.txt\n--pre --requirement=b.txt\n--pre -r a.txt\n"u8.ToArray()));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task Requirements_files_in_a_long_chain_are_refused()
    {
        var files = Enumerable.Range(0, 100).Select(number => ($"r{number}.txt", Encoding.UTF8.GetBytes($"-r r{number + 1}.txt\n"))).ToArray();
        Assert.Contains("requirements-too-many", (await ValidateAsync([("step.py", "# pip install -r r0.txt\nx = 1\n"u8.ToArray()), .. files])).FindingCodes);
    }

    [Fact]
    public async Task A_hundred_thousand_tags_cost_no_more_than_their_length()
    {
        var yaml = $"name: x\nmetadata: {{annotations: {{tags: '{string.Join(",", Enumerable.Range(0, 100_000))}'}}}}\nimplementation: {{container: {{image: a, command: [x]}}}}\n";
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Assert.Contains("tags-too-many", (await ValidateAsync(("component.yaml", Encoding.UTF8.GetBytes(yaml))).WaitAsync(limit.Token)).FindingCodes);
    }

    /// <summary>Outputs are passed over: one string of tens of megabytes, and deep JSON.</summary>
    [Fact]
    public async Task A_notebook_with_sixty_megabytes_of_outputs_is_read_in_bounded_memory()
    {
        var head = "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"import os\\n# about a\\nos.environ['a']\", \"outputs\": [{\"data\": \""u8;
        var tail = Encoding.UTF8.GetBytes("\"}, " + new string('[', 900) + new string(']', 900) + "]}], \"metadata\": {}, \"nbformat\": 4}");
        var notebook = new byte[head.Length + (60 << 20) + tail.Length];
        notebook.AsSpan().Fill((byte)'o');
        head.CopyTo(notebook);
        tail.CopyTo(notebook.AsSpan(notebook.Length - tail.Length));
        var upload = new Multipart().Source("step.ipynb", notebook).ToContent();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var answer = await _host.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/components/nobody/validate", upload);
        Assert.Equal("true", answer["valid"]);
        // The file, and the pieces in which it came; no copy of it as text.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 256 << 20);
    }

    private Task<Answer> ValidateAsync(params (string Path, byte[] Content)[] files)
    {
        var upload = new Multipart();
        foreach (var (path, content) in files)
            upload.Source(path, content);
        return _host.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/components/nobody/validate", upload.ToContent());
    }
}
