using System.Text.Json.Nodes;
using Claimed.Components.Renditions;
using Claimed.Components.Tests.Renditions;
using Claimed.Components.Wheels;
using Xunit;

namespace Claimed.Components.Tests.Wheels;

/// <summary>Wheels and archives as the programs read them that get them: Python's zipfile, pip's rules for RECORD, Elyra's for operators.</summary>
public sealed class WheelTests : IDisposable
{
    // RECORD must name every file with its hash and length, and nothing else (PEP 376, PEP 427).
    private const string Verify = """
        import base64, csv, email, hashlib, io, json, sys, zipfile
        wheel = zipfile.ZipFile(sys.argv[1])
        assert wheel.testzip() is None
        names = wheel.namelist()
        assert len(set(names)) == len(names)
        folder = next(name for name in names if name.endswith(".dist-info/RECORD"))[:-len("/RECORD")]
        record = {row[0]: row[1:] for row in csv.reader(io.StringIO(wheel.read(folder + "/RECORD").decode()))}
        assert set(record) == set(names), set(record) ^ set(names)
        for name in names:
            if name.endswith("/RECORD"):
                assert record[name] == ["", ""]
                continue
            data = wheel.read(name)
            assert record[name] == ["sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("="), str(len(data))], name
            if name.endswith(".py"):
                compile(data, name, "exec")
        metadata = email.message_from_bytes(wheel.read(folder + "/METADATA"))
        print(json.dumps({
            "folder": folder, "names": names, "metadata": [[key, value] for key, value in metadata.items()], "wheel": wheel.read(folder + "/WHEEL").decode(),
            "entries": wheel.read(folder + "/entry_points.txt").decode(), "times": sorted({info.date_time for info in wheel.infolist()}),
            "methods": sorted({info.compress_type for info in wheel.infolist()}), "modes": sorted({info.external_attr >> 16 for info in wheel.infolist()})}))
        """;

    // What Elyra's two connectors and its parser do with an archive, by their rules.
    private const string Elyra = """
        import ast, io, json, re, sys, zipfile
        archive = zipfile.ZipFile(sys.argv[1])
        sources = {}
        if sys.argv[2] == "provider":
            (info,) = [name for name in archive.namelist() if name.endswith("/get_provider_info.py")]
            space = {}
            exec(archive.read(info).decode(), space)
            modules = [module for entry in space["get_provider_info"]()["operators"] for module in entry["python-modules"]]
            sources = {name: archive.read(name).decode() for name in (module.replace(".", "/") + ".py" for module in modules)}
        else:
            sources = {name: archive.read(name).decode() for name in archive.namelist() if re.fullmatch(r"airflow/operators/[^/]+\.py", name)}
        imported, found = [], {}
        for name, source in sources.items():
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.ImportFrom):
                    # A relative import has no module, which ends the whole catalog.
                    assert isinstance(node.module, str), name
                    for one in node.names:
                        provided = sys.argv[2] == "provider" and re.match(r"airflow\.providers\.[a-z_]+\.operators|airflow\.operators\.", node.module)
                        if (node.module == "airflow.models" and one.name == "BaseOperator") or provided:
                            imported.append(one.name)
            classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.bases]
            for node in classes:
                bases = [base.id for base in node.bases]
                if not any(base in imported for base in bases) or "BaseOperator" not in bases:
                    continue
                init = next(part for part in node.body if isinstance(part, ast.FunctionDef) and "init" in part.name)
                doc = ast.get_docstring(node, clean=False)
                arguments = {}
                for argument, default in zip(init.args.kwonlyargs, init.args.kw_defaults):
                    described = re.search(rf":param {argument.arg}:" + r"([\s\S]*?(?=:type|:param|\.\.|\n\s*\n|$))", doc)
                    arguments[argument.arg] = [ast.unparse(argument.annotation), None if default is None else repr(ast.literal_eval(default)), described is not None]
                found.setdefault(name, []).append([node.name, bases, arguments])
        print(json.dumps(found))
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-wheels-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static OperatorVersion Version(Definition definition, string name, string number, bool yanked = false) => new(
        new(definition with { Name = name }, "my-team", name, number, $"registry.example.org/my-team/{name}@sha256:{new string(number[0], 64)}", "sha256:" + new string('b', 64),
            $"https://registry.example.org/api/v1/components/my-team/{name}/versions/{number}"), yanked);

    private JsonNode Run(string program, byte[] bytes, params string[] arguments)
    {
        var path = Path.Combine(_folder, Guid.CreateVersion7().ToString("N") + ".whl");
        File.WriteAllBytes(path, bytes);
        var result = ExternalProgram.Run(ExternalProgram.Python, ["-X", "utf8", "-c", program, path, .. arguments]);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonNode.Parse(result.Output)!;
    }

    private JsonObject Read(byte[] bytes, string connector) => Run(Elyra, bytes, connector).AsObject();

    private static readonly OperatorVersion[] Some =
    [
        Version(Samples.FilterCsv, "filter-csv", "1.2.0"), Version(Samples.FilterCsv, "filter-csv", "1.1.0"), Version(Samples.FilterCsv, "filter-csv", "2.0.0"), Version(Samples.Trainer, "train", "0.1.0"),
    ];

    [Fact]
    public void A_wheel_has_what_pip_checks()
    {
        var read = Run(Verify, ProviderWheel.Write("my-team", 42, Some));
        Assert.Equal("claimed_my_team-1.42.dist-info", (string?)read["folder"]);
        var metadata = read["metadata"]!.AsArray().Select(pair => $"{pair![0]}: {pair[1]}").ToList();
        Assert.Contains("Name: claimed-my-team", metadata);
        Assert.Contains("Version: 1.42", metadata);
        Assert.Contains("Requires-Python: >=3.8", metadata);
        Assert.Equal(["Provides-Extra: kubernetes", "Provides-Extra: docker"], metadata.Where(line => line.StartsWith("Provides-Extra", StringComparison.Ordinal)));
        // Airflow itself is nobody's hard dependency.
        Assert.All(metadata.Where(line => line.StartsWith("Requires-Dist", StringComparison.Ordinal)), line => Assert.Contains("; extra == '", line, StringComparison.Ordinal));
        Assert.Contains("Tag: py3-none-any\n", (string?)read["wheel"], StringComparison.Ordinal);
        Assert.Equal("[apache_airflow_provider]\nprovider_info = claimed_my_team.get_provider_info:get_provider_info\n", (string?)read["entries"]);
        Assert.Equal("[[1980,1,1,0,0,0]]", read["times"]!.ToJsonString());
        Assert.Equal("[0]", read["methods"]!.ToJsonString());
        Assert.Equal("[33188]", read["modes"]!.ToJsonString());
    }

    [Fact]
    public void The_same_versions_give_the_same_bytes_in_whatever_order_they_come()
    {
        Assert.Equal(ProviderWheel.Write("my-team", 42, Some), ProviderWheel.Write("my-team", 42, Some.Reverse()));
        Assert.Equal(ProviderWheel.WritePackage("my-team", Some), ProviderWheel.WritePackage("my-team", Some.Reverse()));
        Assert.NotEqual(ProviderWheel.Write("my-team", 42, Some), ProviderWheel.Write("my-team", 42, Some[1..]));
    }

    [Fact]
    public void A_wheel_is_the_bytes_it_was_when_this_was_written()
    {
        var wheel = Wheel.Write(new WheelInfo("claimed-fixed", "1.7") { Summary = "Fixed", RequiresPython = ">=3.8" }, [ArchiveFile.Text("claimed_fixed/__init__.py", "größe = 1\n")]);
        Assert.Equal("5c7ce6a3ef2a9dbb896fc08435b5969aeed202bd6be09c48bb806e470ff5b284", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(wheel)));
    }

    [Fact]
    public void Elyra_s_catalog_of_provider_packages_finds_an_operator_for_pods_and_one_for_Docker()
    {
        var found = Read(ProviderWheel.Write("my-team", 42, Some), "provider");
        Assert.Equal(
            ["FilterCsvV1DockerOperator", "FilterCsvV1Operator", "FilterCsvV2DockerOperator", "FilterCsvV2Operator", "TrainV0DockerOperator", "TrainV0Operator"],
            found.SelectMany(file => file.Value!.AsArray()).Select(operators => (string)operators![0]!).Order(StringComparer.Ordinal));
        var arguments = found["claimed_my_team/operators/kubernetes/filter_csv_v1.py"]![0]![2]!.AsObject();
        Assert.Equal("""["float","0.5",true]""", arguments["ratio"]!.ToJsonString());
        Assert.Equal("""["str",null,true]""", arguments["expression"]!.ToJsonString());
        Assert.All(arguments, argument => Assert.True((bool)argument.Value![2]!, $"{argument.Key} has no description."));
        Assert.All(found, file => Assert.Single(file.Value!.AsArray()));
    }

    [Fact]
    public void Elyra_s_catalog_of_Airflow_packages_finds_classes_with_BaseOperator_as_their_only_base()
    {
        var found = Read(ProviderWheel.WritePackage("my-team", Some), "package");
        Assert.Equal(["airflow/operators/claimed_my_team_filter_csv_v1.py", "airflow/operators/claimed_my_team_filter_csv_v2.py", "airflow/operators/claimed_my_team_train_v0.py"], found.Select(file => file.Key));
        Assert.All(found, file => Assert.Equal("""["BaseOperator"]""", file.Value![0]![1]!.ToJsonString()));
    }

    [Fact]
    public void Names_are_legal_in_Python_and_different_components_never_share_one()
    {
        string[] names = ["a-1", "a1", "3d-tool", "component-3d-tool", "component3d-tool", "class", "import", "a-b", "ab", "none", "filter-csv-v1", "filter-csv", "operators"];
        var wheel = ProviderWheel.Write("my-team", 1, names.Select(name => Version(Samples.FilterCsv, name, "1.0.0")));
        Run(Verify, wheel);
        var classes = Read(wheel, "provider").SelectMany(file => file.Value!.AsArray()).Select(operators => (string)operators![0]!).ToList();
        Assert.Equal(2 * names.Length, classes.Distinct(StringComparer.Ordinal).Count());
        // Each can be imported by a statement.
        Run("""
            import ast, json, sys, zipfile
            for name in zipfile.ZipFile(sys.argv[1]).namelist():
                if name.endswith(".py"):
                    ast.parse("from " + name[:-3].replace("/", ".") + " import x")
            print("{}")
            """, wheel);
    }

    [Fact]
    public void Any_text_stays_text()
    {
        var versions = Samples.HostileTexts.SelectMany((text, index) => new[]
        {
            Version(Samples.WithHostileText(text), $"text-{index}", "1.0.0"), Version(Samples.WithHostileCommand(text), $"command-{index}", "1.0.0"),
        }).ToList();
        var wheel = ProviderWheel.Write("my-team", 1, versions.Select(version => version with { Deprecated = true, Successor = "\"\"\"\nimport os" }));
        Run(Verify, wheel);
        Assert.Equal(versions.Count * 2, Read(wheel, "provider").Count);
        Assert.Equal(versions.Count, Read(ProviderWheel.WritePackage("my-team", versions), "package").Count);
    }

    [Fact]
    public void A_docstring_says_which_versions_are_yanked_and_what_runs_without_one()
    {
        OperatorVersion Greet(string number, bool yanked = false) => Version(Samples.FilterCsv, "greet", number, yanked);
        var text = Docstring(Greet("1.2.0", yanked: true), Greet("1.1.0"), Greet("1.0.0", yanked: true));
        Assert.Contains("Runs this version whatever a later package brings: 1.2.0, 1.1.0, 1.0.0. Else 1.1.0. Yanked: 1.2.0, 1.0.0.\n", text, StringComparison.Ordinal);
        text = Docstring(Greet("1.1.0", yanked: true), Greet("1.0.0", yanked: true));
        Assert.Contains("Runs this version whatever a later package brings: 1.1.0, 1.0.0. Needed, because all are yanked.\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Yanked:", text, StringComparison.Ordinal);
        text = Docstring(Greet("1.1.0"), Greet("1.0.0"));
        Assert.Contains("Runs this version whatever a later package brings: 1.1.0, 1.0.0. Else 1.1.0.\n", text, StringComparison.Ordinal);

        static string Docstring(params OperatorVersion[] versions) => ProviderWheel.OperatorModule("my-team", versions).Text;
    }

    [Fact]
    public void A_major_of_which_all_is_yanked_keeps_its_operator_beside_the_next()
    {
        var found = Read(ProviderWheel.Write("my-team", 1, [Version(Samples.FilterCsv, "greet", "2.0.0"), Version(Samples.FilterCsv, "greet", "1.1.0", yanked: true)]), "provider");
        Assert.Equal(["GreetV1DockerOperator", "GreetV1Operator", "GreetV2DockerOperator", "GreetV2Operator"],
            found.SelectMany(file => file.Value!.AsArray()).Select(operators => (string)operators![0]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Airflow_and_Elyra_are_told_of_both_kinds_by_name()
    {
        var info = Run("""
            import json, sys, zipfile
            space = {}
            exec(zipfile.ZipFile(sys.argv[1]).read("claimed_my_team/get_provider_info.py").decode(), space)
            print(json.dumps(space["get_provider_info"]()))
            """, ProviderWheel.Write("my-team", 42, [Version(Samples.FilterCsv, "filter-csv", "1.2.0")]));
        Assert.Equal("""["package-name","name","description","versions","operators"]""", new JsonArray([.. info.AsObject().Select(entry => (JsonNode)entry.Key)]).ToJsonString());
        Assert.Equal(("claimed-my-team", """["1.42"]"""), ((string?)info["package-name"], info["versions"]!.ToJsonString()));
        Assert.Equal("""[{"integration-name":"Kubernetes","python-modules":["claimed_my_team.operators.kubernetes.filter_csv_v1"]},{"integration-name":"Docker","python-modules":["claimed_my_team.operators.docker.filter_csv_v1"]}]""",
            info["operators"]!.ToJsonString());
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    [InlineData("a//b")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    public void A_path_that_would_leave_its_folder_is_refused(string path) => Assert.Throws<ArgumentException>(() => Archive.Write([ArchiveFile.Text(path, "")]));

    [Fact]
    public void A_path_that_stands_there_twice_is_refused() => Assert.Throws<ArgumentException>(() => Archive.Write([ArchiveFile.Text("a", ""), ArchiveFile.Text("a", "")]));
}
