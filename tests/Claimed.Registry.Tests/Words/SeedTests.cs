using System.Net;
using System.Text.Json.Nodes;
using Claimed.Registry.Publish;
using Claimed.Registry.Storage.Snapshot;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Words;

/// <summary>The word <c>seed</c> on folders as others have them, beside a registry that shows what came of it.</summary>
[Trait("Database", "any")]
public sealed class SeedTests : IAsyncLifetime
{
    private readonly LibraryOnDisk _disk = new();
    private RegistryHost _host = null!;

    private string Library => _disk.Library;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _disk.Dispose();
    }

    private Task<ShellResult> SeedAsync(params IReadOnlyList<string> arguments) => WordRun.RunAsync(_host.DataPath, ["seed", Library, .. arguments]);

    /// <summary>The same without a process: what a start does.</summary>
    private async Task<List<Seeded>> PublishAsync(LibraryChoice choice)
    {
        var all = new List<Seeded>();
        await foreach (var one in _host.Services.GetRequiredService<Library>().PublishAsync(Library, choice, TestContext.Current.CancellationToken))
            all.Add(one);
        return all;
    }

    private async Task<JsonNode> VersionAsync(string reference) => JsonNode.Parse((await _host.ComponentAsync(reference)).Text)!;

    [Fact]
    public async Task A_dry_run_tells_everything_and_stores_nothing_and_seeding_does_it_once()
    {
        _disk.Write("transform/filter-rows/filter-rows.py", Samples.Script("one"));
        _disk.Write("input/read-it.py", "x = 1\n");
        _disk.Write("input/broken.py", "'Broken.'\nimport os\nx = os.environ['a=b']\n");
        _disk.Write("input/more.py", "'More.'\nx = 1\n");
        _disk.Write("input/read-it.yaml", "generated: true\n");

        var report = Path.Combine(_disk.Folder, "report.json");
        var dry = await SeedAsync("--dry-run", $"--report={report}", "--namespace=foreign");
        Assert.Equal(1, dry.ExitCode);
        Assert.Contains("foreign/filter-rows 0.1.0 would be published\n", dry.Out, StringComparison.Ordinal);
        Assert.Contains("foreign/read-it 0.1.0 would be published\n  suggestion read-it.py: The component has no description. Begin the script", dry.Out, StringComparison.Ordinal);
        Assert.Contains("foreign/broken refused: broken.py:3: ", dry.Out, StringComparison.Ordinal);
        Assert.Contains("  error broken.py:3: ", dry.Out, StringComparison.Ordinal);
        Assert.EndsWith("4 components: 3 would be published, 0 known already, 1 refused.\n", dry.Out, StringComparison.Ordinal);
        var told = JsonNode.Parse(await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken))!;
        Assert.Equal(["input/broken.py", "input/more.py", "input/read-it.py", "transform/filter-rows"], told["components"]!.AsArray().Select(one => (string)one!["path"]!));
        var filter = told["components"]![3]!;
        Assert.Equal(("foreign", "filter-rows", "0.1.0", true, true, null), ((string?)filter["namespace"], (string?)filter["name"], (string?)filter["version"], (bool)filter["isNew"]!, (bool)told["dryRun"]!, filter["refused"]));
        var refused = told["components"]![0]!;
        Assert.Equal(("port-name-invalid", 3), ((string?)refused["findings"]!.AsArray().Single(finding => (string?)finding!["severity"] == "error")!["code"], (int?)refused["findings"]!.AsArray().Single(finding => (string?)finding!["severity"] == "error")!["line"]));
        Assert.Equal((4, 3, 0, 1, 1), ((int)told["totals"]!["components"]!, (int)told["totals"]!["new"]!, (int)told["totals"]!["known"]!, (int)told["totals"]!["refused"]!, (int)told["totals"]!["findings"]!["port-name-invalid"]!));
        Assert.Equal(HttpStatusCode.NotFound, (await _host.GetAsync("/api/v1/namespaces/foreign")).Status);
        Assert.Empty(await TestDatabase.QueryAsync(_host.DataPath, "SELECT \"Number\" FROM versions"));

        report = Path.Combine(_disk.Folder, "report.md");
        var first = await SeedAsync($"--report={report}", "--namespace=foreign");
        Assert.Equal(1, first.ExitCode);
        Assert.Contains("foreign/read-it 0.1.0 published\n", first.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("suggestion", first.Out, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(report, TestContext.Current.CancellationToken);
        Assert.Contains("| input/broken.py | foreign/broken |  | refused | 1 | 0 | 0 |", lines);
        Assert.Contains("| input/read-it.py | foreign/read-it | 0.1.0 | published | 0 | 0 | 1 |", lines);
        Assert.Contains("| port-name-invalid | error | 1 | 1 |", lines);
        Assert.Contains("4 components: 3 published, 0 known already, 1 refused.", lines);

        _disk.Delete("input/broken.py");
        var again = await SeedAsync("--namespace=foreign");
        Assert.Equal("foreign/more 0.1.0 known already\nforeign/read-it 0.1.0 known already\nforeign/filter-rows 0.1.0 known already\n3 components: 0 published, 3 known already, 0 refused.", again.Succeeded());
        Assert.Contains("known already", (await SeedAsync("--dry-run", "--namespace=foreign", "--only=transform/filter-rows")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_word_cannot_use_is_said_before_anything_is_done()
    {
        _disk.Write("input/read-it.py", "x = 1\n");
        foreach (var (arguments, words) in new (string[], string)[]
        {
            (["--namespace=Not One"], "--namespace is \"Not One\""), ([$"--report={_disk.Folder}/no/such/report.md"], "The report cannot be written"), (["--report"], "Write --report="),
        })
        {
            var refused = await SeedAsync(arguments);
            Assert.Equal((2, true), (refused.ExitCode, refused.Err.Contains(words, StringComparison.Ordinal)));
        }
        var missing = await SeedAsync("--only=input/other");
        Assert.Equal((1, "0 components: 0 published, 0 known already, 0 refused.\n", true), (missing.ExitCode, missing.Out, missing.Err.Contains("has no component input/other", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Folders_give_a_category_and_leave_what_was_said_since()
    {
        _disk.Write("input/read-it.py", "'Reads.'\nx = 1\n");
        _disk.Write("input/said.py", "'Says.'\n# claimed: category=Mine\nx = 1\n");
        await PublishAsync(new() { Which = "all" });
        Assert.Equal(("input", "Mine"), ((string?)(await VersionAsync("claimed/read-it/versions/0.1.0"))["category"], (string?)(await VersionAsync("claimed/said/versions/0.1.0"))["category"]));
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.JsonAsync(HttpMethod.Patch, "/api/v1/components/claimed/read-it", new { category = "Better" })).Status);
        Assert.All(await PublishAsync(new() { Which = "all" }), one => Assert.False(one.IsNew));
        Assert.Equal("Better", (string?)(await VersionAsync("claimed/read-it"))["category"]);
    }

    [Fact]
    public async Task Sources_of_one_name_never_become_versions_of_each_other()
    {
        _disk.Write("util/sync.py", "'Script.'\nx = 1\n");
        _disk.Write("util/sync.ipynb", LibraryOnDisk.Notebook);
        _disk.Write("input/read-it.py", "'One.'\nx = 1\n");
        _disk.Write("output/read-it.py", "'Two.'\nx = 1\n");
        _disk.Write("a/one/component.yaml", Samples.ExistingImage("one"));
        _disk.Write("a/x/a/one/component.yaml", Samples.ExistingImage("two"));

        var seeded = await PublishAsync(new() { Which = "all" });
        Assert.Equal(["one:", "one:", "input-read-it:0.1.0", "output-read-it:0.1.0", "sync-ipynb:0.1.0", "sync-py:0.1.0"], seeded.Select(one => $"{one.Name}:{one.Version}"));
        Assert.All(seeded.Skip(2), one => Assert.Contains(one.Findings, finding => finding is { Code: "name-shared", Severity: Components.Severity.Warning }));
        Assert.All(seeded.Take(2), one => Assert.Contains("nothing tells them apart", one.Refusal, StringComparison.Ordinal));
        Assert.Contains("is also that of util/sync.ipynb, so this one is published as sync-py", seeded[^1].Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("# claimed: name=", seeded[^1].Findings[0].Fix, StringComparison.Ordinal);

        // A choice changes no name.
        Assert.Equal("sync-py", Assert.Single(await PublishAsync(new() { Only = ["util/sync.py"] })).Name);
        Assert.Equal(2, (await PublishAsync(new() { Only = ["util/sync"] })).Count);
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_and_nothing_outside_is_followed()
    {
        _disk.WriteOutside("secret.py", "'A secret.'\nx = 1\n");
        _disk.Write("a/fine.py", "'Fine.'\nx = 1\n");
        _disk.Write("a/other.py", "'Other.'\nx = 1\n");
        _disk.Link("a/inside.py", "../a/./fine.py");
        _disk.Link("a/leak.py", Path.Combine(_disk.Folder, "outside", "secret.py"));
        _disk.Link("a/sly.py", "hop/../../../outside/secret.py");
        _disk.Write("a/hop/data.csv", "1\n");
        _disk.Link("a/gone.py", "nowhere.py");
        _disk.Link("a/round.py", "round.py");
        _disk.Link("b", Path.Combine(_disk.Folder, "outside"));
        _disk.Write("c/whole/whole.py", "'Whole.'\nx = 1\n");
        _disk.Link("c/whole/data", Path.Combine(_disk.Folder, "outside"));
        (await Shell.RunAsync("mkfifo", [Path.Combine(Library, "a", "pipe.py")])).Succeeded();

        var seeded = (await PublishAsync(new() { Which = "all" })).ToDictionary(one => one.Path);
        Assert.Equal(["a/fine.py", "a/gone.py", "a/inside.py", "a/leak.py", "a/other.py", "a/pipe.py", "a/round.py", "a/sly.py", "c/whole"], seeded.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["a/fine.py", "a/inside.py", "a/other.py"], seeded.Values.Where(one => one.IsNew).Select(one => one.Path).Order(StringComparer.Ordinal));
        Assert.Equal("leak.py is a link out of the folder, which is not followed: put the file itself there.", seeded["a/leak.py"].Refusal);
        Assert.Equal(seeded["a/leak.py"].Refusal!.Replace("leak", "sly", StringComparison.Ordinal), seeded["a/sly.py"].Refusal);
        Assert.Equal(("gone.py is a link that leads nowhere.", "round.py is a link that leads nowhere."), (seeded["a/gone.py"].Refusal, seeded["a/round.py"].Refusal));
        Assert.Contains("no file but a pipe", seeded["a/pipe.py"].Refusal, StringComparison.Ordinal);
        Assert.Contains("data is a link to a folder", seeded["c/whole"].Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_beyond_the_limits_is_refused_in_their_words_and_the_rest_goes_on()
    {
        _disk.Write("a/fine/fine.py", "'Fine.'\nx = 1\n");
        _disk.Write("a/many/many.py", "'Many.'\nx = 1\n");
        var limit = _host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<PublishOptions>>().Value.MaxFiles;
        for (var number = 0; number < limit; number++)
            _disk.Write($"a/many/data/{number}.txt", "");
        var seeded = await PublishAsync(new() { Which = "all" });
        Assert.Equal([true, false], seeded.Select(one => one.IsNew));
        Assert.StartsWith($"The upload has more than {limit} files.", seeded[1].Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_from_a_checkout_says_where_it_comes_from_when_its_files_are_those_of_the_commit()
    {
        _disk.Write("input/read-it.py", "'Reads.'\nx = 1\n");
        _disk.Write("input/requirements.txt", "pandas==2.2.1\n");
        _disk.Write("input/dirty.py", "'Dirty.'\nx = 1\n");
        _disk.Write("a/whole/whole.py", "'Whole.'\nx = 1\n");
        _disk.Write("a/whole/data.csv", "1\n");
        _disk.Write("a/less/less.py", "'Less.'\nx = 1\n");
        _disk.Write("a/less/data.csv", "1\n");
        await _disk.GitAsync("init", "--quiet", ".");
        await _disk.GitAsync("remote", "add", "origin", "https://ada:secret@git.example.org/team/library.git");
        await _disk.GitAsync("add", ".");
        await _disk.GitAsync("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--message=All");
        var revision = (await _disk.GitAsync("rev-parse", "HEAD")).Trim();
        // Programs that a repository may name; none of them is to run.
        var trap = Path.Combine(_disk.Folder, "ran");
        foreach (var key in (string[])["core.fsmonitor", "filter.trap.clean", "filter.trap.smudge", "core.pager", "pager.ls-tree", "diff.external", "alias.ls-tree", "core.sshCommand"])
            await _disk.GitAsync("config", key, $"touch {trap}");
        _disk.Write(".gitattributes", "* filter=trap\n");
        _disk.Write("input/dirty.py", "'Dirty.'\nx = 2\n");
        _disk.Write("input/untracked.py", "'Untracked.'\nx = 1\n");
        _disk.Delete("a/less/data.csv");

        Assert.All(await PublishAsync(new() { Which = "all" }), one => Assert.Null(one.Refusal));
        Assert.False(File.Exists(trap));
        Assert.Equal(("https://git.example.org/team/library.git", revision, "input/read-it.py"), Origin("read-it"));
        Assert.Equal(("https://git.example.org/team/library.git", revision, "a/whole"), Origin("whole"));
        Assert.All(new[] { Origin("dirty"), Origin("untracked"), Origin("less") }, origin => Assert.Equal((null, null, null), origin));

        // A remote on this machine helps nobody else.
        await _disk.GitAsync("remote", "set-url", "origin", $"file://{_disk.Folder}");
        await PublishAsync(new() { Which = "all", Space = "other" });
        Assert.Equal((null, revision, "a/whole"), Origin("whole", "other"));
    }

    private (string?, string?, string?) Origin(string name, string space = "claimed")
    {
        var version = _host.Services.GetRequiredService<SnapshotFeed>().Current.Find(space, name)!.Versions.Single();
        return (version.Repository, version.Revision, version.SourcePath);
    }

    [Fact]
    public async Task What_was_cut_off_goes_on()
    {
        for (var number = 0; number < 6; number++)
            _disk.Write($"input/step-{number}.py", $"'Step {number}.'\nx = 1\n");
        var library = _host.Services.GetRequiredService<Library>();
        await foreach (var one in library.PublishAsync(Library, new LibraryChoice { Which = "all" }, TestContext.Current.CancellationToken))
        {
            if (one.Name == "step-2")
                break;
        }
        Assert.Equal([false, false, false, true, true, true], (await PublishAsync(new() { Which = "all" })).Select(one => one.IsNew));
    }
}
