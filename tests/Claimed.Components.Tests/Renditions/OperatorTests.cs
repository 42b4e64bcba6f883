using System.Text.Json;
using System.Text.Json.Nodes;
using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class OperatorTests
{
    // Enough of Airflow's classes to make an operator and ask it for its pod.
    private const string AirflowStandIn = """
        import json, sys, types

        class BaseOperator:
            def __init__(self, task_id=None):
                self.task_id = task_id

        class KubernetesPodOperator(BaseOperator):
            template_fields = ("image", "arguments")
            template_ext = (".json",)

            def __init__(self, *, image=None, name=None, arguments=None, cmds=None, env_vars=None, do_xcom_push=False, namespace=None, secrets=None, container_resources=None,
                         volumes=None, volume_mounts=None, **kwargs):
                super().__init__(**kwargs)
                self.volumes, self.volume_mounts = volumes, volume_mounts
                self.image, self.name, self.arguments, self.cmds, self.env_vars, self.do_xcom_push = image, name, arguments, cmds, env_vars, do_xcom_push
                self.secrets, self.container_resources = secrets or [], container_resources

            def build_pod_request_obj(self, context=None):
                env = [V1EnvVar(name=s.deploy_target, value_from=[s.secret, s.key]) for s in self.secrets if s.deploy_target]
                return Pod({"image": self.image, "name": self.name, "cmds": self.cmds, "arguments": self.arguments, "env_vars": self.env_vars, "env": env, "resources": self.container_resources, "volumes": self.volumes, "mounts": self.volume_mounts})

        class Model(dict):
            __getattr__ = dict.get

        class Pod(Model):
            @property
            def spec(self):
                return types.SimpleNamespace(containers=[self])

        class V1EnvVar(Model):
            pass

        class V1ResourceRequirements(Model):
            pass

        class V1Volume(Model):
            pass

        class V1VolumeMount(Model):
            pass

        class V1PersistentVolumeClaimVolumeSource(Model):
            pass

        class Secret:
            # Airflow's own writes the variable in capitals.
            def __init__(self, deploy_type, deploy_target, secret, key=None):
                self.deploy_type, self.secret, self.key = deploy_type, secret, key
                self.deploy_target = deploy_target.upper() if deploy_target and deploy_type == "env" else deploy_target

        def module(name, **members):
            made = types.ModuleType(name)
            made.__dict__.update(members)
            sys.modules[name] = made

        for name in ("airflow", "airflow.providers", "airflow.providers.cncf", "airflow.providers.cncf.kubernetes", "airflow.providers.cncf.kubernetes.operators", "kubernetes"):
            module(name)
        models = types.SimpleNamespace(V1EnvVar=V1EnvVar, V1ResourceRequirements=V1ResourceRequirements, V1Volume=V1Volume, V1VolumeMount=V1VolumeMount,
                                       V1PersistentVolumeClaimVolumeSource=V1PersistentVolumeClaimVolumeSource)
        module("airflow.models", BaseOperator=BaseOperator)
        module("airflow.providers.cncf.kubernetes.operators.pod", KubernetesPodOperator=KubernetesPodOperator)
        module("kubernetes.client", models=models)

        def run(given):
            names = {}
            exec(compile(given["source"], "operator.py", "exec"), names)
            if "secrets" in given["arguments"]:
                given["arguments"]["secrets"] = [Secret(*secret) for secret in given["arguments"]["secrets"]]
            operator = names[given["class"]](task_id="t", **{"workspace": "/ws", **given["arguments"]})
            operator.component_inputs = {k: v.replace("{{ rendered }}", "done") if isinstance(v, str) else v for k, v in operator.component_inputs.items()}
            return {"pod": operator.build_pod_request_obj(), "fields": operator.template_fields, "extensions": operator.template_ext}

        print(json.dumps([run(given) for given in json.load(sys.stdin)]))
        """;

    // What Elyra learns: the class, its arguments with defaults, and the descriptions it cuts out of the docstring.
    private const string SyntaxTree = """
        import ast, json, re, sys
        def read(text):
            tree = ast.parse(text)
            cls = next(n for n in tree.body if isinstance(n, ast.ClassDef) and "BaseOperator" in [b.id for b in n.bases])
            init = next(n for n in cls.body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
            doc = ast.get_docstring(cls, clean=False)
            def described(name):
                found = re.search(rf":param {name}:([\s\S]*?(?=:type|:param|\.\.|\n\s*\n|$))", doc)
                return found.group(1).strip() if found else None
            def evaluated(node):
                return None if node is None else [ast.literal_eval(node)]
            table = next(n.value for n in tree.body if isinstance(n, ast.AnnAssign)).values[0]
            image = next(ast.literal_eval(v) for k, v in zip(table.keys, table.values) if k.value == "image")
            return {
                "class": cls.name, "bases": [b.id for b in cls.bases], "image": image, "doc": doc,
                "imports": [[n.module, [a.name for a in n.names]] for n in tree.body if isinstance(n, ast.ImportFrom)],
                "arguments": {a.arg: {"default": evaluated(d), "annotation": ast.unparse(a.annotation), "description": described(a.arg)}
                              for a, d in zip(init.args.kwonlyargs, init.args.kw_defaults)},
            }
        print(json.dumps([read(text) for text in json.load(sys.stdin)]))
        """;

    private static string Render(Definition definition) => ClientRenditions.Render(RenditionForm.Operator, Samples.Source(definition));

    private static JsonNode[] Read(params IEnumerable<string> texts) =>
        [.. JsonNode.Parse(ExternalProgram.RunPython(SyntaxTree, JsonSerializer.Serialize(texts.ToArray())))!.AsArray().Select(node => node!)];

    private static JsonNode Run(Definition definition, string className, object arguments) => RunAll([definition], className, arguments)[0];

    private static JsonNode[] RunAll(IEnumerable<Definition> definitions, string className, object arguments)
    {
        var given = definitions.Select(definition =>
            new Dictionary<string, object> { ["source"] = Render(definition), ["class"] = className, ["arguments"] = arguments }).ToArray();
        return [.. JsonNode.Parse(ExternalProgram.RunPython(AirflowStandIn, JsonSerializer.Serialize(given)))!.AsArray().Select(node => node!)];
    }

    [Fact]
    public void Elyra_recognises_the_class_and_reads_arguments_with_types_and_defaults()
    {
        var operators = Read(Render(Samples.FilterCsv))[0];
        Assert.Equal("FilterCsvOperator", (string?)operators["class"]);
        Assert.Contains("BaseOperator", operators["bases"]!.AsArray().Select(name => (string?)name));
        Assert.Contains("""["airflow.models",["BaseOperator"]]""", operators["imports"]!.AsArray().Select(node => node!.ToJsonString()));
        Assert.Equal(Samples.Image, (string?)operators["image"]);
        Assert.Equal(
            """
            {"data_csv":{"default":null,"annotation":"str","description":"File in the workspace, or its path in the container. table to filter"},
            "expression":{"default":null,"annotation":"str","description":"pandas query"},
            "log_level":{"default":["INFO"],"annotation":"str","description":"update log level"},
            "limit":{"default":[null],"annotation":"Optional[str]","description":"most rows to keep"},
            "ratio":{"default":[0.5],"annotation":"float","description":""},
            "strict":{"default":[false],"annotation":"bool","description":""},
            "options":{"default":[null],"annotation":"Optional[str]","description":"Default: {\"sep\": \",\"}"},
            "api_key":{"default":[null],"annotation":"Optional[str]","description":"Better left out: give it as the variable api_key, in a pod from a secret (`secrets`), in Docker with `private_environment`."},
            "table_path":{"default":[null],"annotation":"Optional[str]","description":"File to write in the workspace, or a path in the container; a file of its own for each run when left out."},
            "workspace":{"default":[null],"annotation":"Optional[str]","description":"Volume for files, mounted alike in every task: `data` or `data:/workspace`; `/workspace` where one is mounted already."}}
            """.ReplaceLineEndings(""),
            operators["arguments"]!.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public void The_pod_gets_name_and_value_of_what_was_given_and_returns_values_as_xcom()
    {
        var made = Run(Samples.FilterCsv, "FilterCsvOperator", new { data_csv = "/data/in.json", expression = "{{ rendered }}", options = new { sep = ";" }, limit = 0 });
        Assert.Equal(
            ["log_level=INFO", "data_csv=/data/in.json", "expression=done", "limit=0", "ratio=0.5", "strict=False", "options={\"sep\": \";\"}", "table=/ws/t.table", "claimed.result=/airflow/xcom/return.json"],
            made["pod"]!["arguments"]!.AsArray().Select(argument => (string?)argument));
        Assert.Equal(Samples.Image, (string?)made["pod"]!["image"]);
        Assert.Contains("component_inputs", made["fields"]!.AsArray().Select(field => (string?)field));
        Assert.Empty(made["extensions"]!.AsArray());
    }

    [Fact]
    public void Files_lie_in_the_workspace_and_a_volume_is_mounted_there()
    {
        var made = Run(Samples.FilterCsv, "FilterCsvOperator", new { data_csv = "in.csv", table_path = "out/table.csv", expression = "b", workspace = "shared:/data" })["pod"]!;
        Assert.Equal(["data_csv=/data/in.csv", "table=/data/out/table.csv"], made["arguments"]!.AsArray().Select(argument => (string?)argument).Where(argument => argument!.Contains("/data/", StringComparison.Ordinal)));
        Assert.Equal("""[{"name":"workspace","persistent_volume_claim":{"claim_name":"shared"}}]""", made["volumes"]!.ToJsonString());
        Assert.Equal("""[{"name":"workspace","mount_path":"/data"}]""", made["mounts"]!.ToJsonString());
    }

    [Fact]
    public void Without_xcom_no_result_is_asked_for()
    {
        var made = Run(Samples.FilterCsv, "FilterCsvOperator", new { data_csv = "a", expression = "b", do_xcom_push = false });
        Assert.Equal("table=/ws/t.table", (string?)made["pod"]!["arguments"]!.AsArray()[^1]);
    }

    [Fact]
    public void A_foreign_container_gets_its_own_command_with_the_values_in_place()
    {
        var with = Run(Samples.Trainer, "TrainOperator", new { Bucket = "b/c", training_data = "/d.csv", Label = "y" })["pod"]!;
        Assert.Equal(["sh", "-c", "echo \"$0\"\nexec python train.py \"$@\"\n"], with["cmds"]!.AsArray().Select(part => (string?)part));
        Assert.Equal(["--rate", "0.1", "gs://b/c", "/d.csv", "--label", "y", "/ws/t.Model"], with["arguments"]!.AsArray().Select(part => (string?)part));
        Assert.Equal("on", (string?)with["env_vars"]!["MODE"]);

        var without = Run(Samples.Trainer, "TrainOperator", new { Bucket = "b", training_data = "/d.csv", env_vars = new[] { new { name = "A" } } })["pod"]!;
        Assert.Equal(["--rate", "0.1", "gs://b", "/d.csv", "/ws/t.Model"], without["arguments"]!.AsArray().Select(part => (string?)part));
        Assert.Equal("""[{"name":"MODE","value":"on"},{"name":"A"}]""", without["env_vars"]!.ToJsonString());
    }

    [Fact]
    public void A_mounted_secret_is_no_argument_and_has_the_name_that_the_component_reads()
    {
        string[][] secrets = [["env", "api_key", "keys", "k"]];
        var made = Run(Samples.FilterCsv, "FilterCsvOperator", new { data_csv = "a", expression = "b", api_key = "s3cret", secrets })["pod"]!;
        Assert.DoesNotContain("s3cret", made.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(made["arguments"]!.AsArray(), argument => ((string)argument!).StartsWith("api_key", StringComparison.Ordinal));
        Assert.Equal("""[{"name":"API_KEY","value_from":["keys","k"]},{"name":"api_key","value_from":["keys","k"]}]""", made["env"]!.ToJsonString());

        string[][] whole = [["env", null!, "keys"]];
        Assert.DoesNotContain("s3cret", Run(Samples.FilterCsv, "FilterCsvOperator", new { data_csv = "a", expression = "b", api_key = "s3cret", secrets = whole })["pod"]!.ToJsonString(), StringComparison.Ordinal);
        string[][] another = [["env", "other", "keys", "k"], ["volume", "/api_key", "keys", "k"]];
        Assert.Contains("api_key=s3cret", Run(Samples.FilterCsv, "FilterCsvOperator", new { data_csv = "a", expression = "b", api_key = "s3cret", secrets = another })["pod"]!
            ["arguments"]!.AsArray().Select(argument => (string?)argument));
    }

    [Fact]
    public void A_foreign_container_gets_a_mounted_secret_where_its_command_wants_it()
    {
        var definition = Samples.Trainer with
        {
            Inputs = [new Port { Name = "API key", Type = "String", Secret = true }],
            Container = Samples.Trainer.Container! with { Args = [new CommandPart.Concat([new CommandPart.Text("--key="), new CommandPart.InputValue("API key")]), new CommandPart.InputValue("API key")] },
        };
        string[][] secrets = [["env", "API_key", "keys", "k"]];
        var made = Run(definition, "TrainOperator", new { api_key = "s3cret", secrets })["pod"]!;
        Assert.Equal(["--key=$(API_key)", "$(API_key)"], made["arguments"]!.AsArray().Select(argument => (string?)argument));
        Assert.Contains("API_key", made["env"]!.AsArray().Select(variable => (string?)variable!["name"]));
        Assert.Equal(["--key=s3cret", "s3cret"], Run(definition, "TrainOperator", new { api_key = "s3cret" })["pod"]!["arguments"]!.AsArray().Select(argument => (string?)argument));
    }

    [Fact]
    public void A_source_in_an_image_of_another_s_reads_a_mounted_secret_and_its_other_arguments_keep_their_places()
    {
        string[][] secrets = [["env", "api_key", "keys", "k"]];
        var made = Run(Samples.SourceInImage, "ShowOperator", new { api_key = "s3cret", secrets })["pod"]!;
        Assert.Equal(["", "3"], Placed(made));
        Assert.Contains("api_key", made["env"]!.AsArray().Select(variable => (string?)variable!["name"]));
        Assert.Equal(["s3cret", "3"], Placed(Run(Samples.SourceInImage, "ShowOperator", new { api_key = "s3cret" })["pod"]!));
        Assert.Equal(["", "3"], Placed(Run(Samples.SourceInImage, "ShowOperator", new { })["pod"]!));

        static IEnumerable<string?> Placed(JsonNode pod) => pod["cmds"]!.AsArray().Skip(3).Select(word => (string?)word);
    }

    [Fact]
    public void Resources_are_a_default_that_a_task_may_replace()
    {
        var definition = Samples.FilterCsv with { Resources = new("500m", "2Gi", "1") };
        Assert.Equal("""{"requests":{"cpu":"500m","memory":"2Gi"},"limits":{"cpu":"500m","memory":"2Gi","nvidia.com/gpu":"1"}}""",
            Run(definition, "FilterCsvOperator", new { data_csv = "a", expression = "b" })["pod"]!["resources"]!.ToJsonString());
        Assert.Equal("mine", (string?)Run(definition, "FilterCsvOperator", new { data_csv = "a", expression = "b", container_resources = "mine" })["pod"]!["resources"]);
    }

    [Fact]
    public void Names_of_airflow_and_of_python_are_left_to_them()
    {
        string[] names = ["namespace", "image", "class", "task_id", "retries", "_x", "a__b", "Learning rate", "learning_rate", "3d", "über"];
        var definition = Samples.Trainer with
        {
            Inputs = [.. names.Select(name => new Port { Name = name, Type = "String" })],
            Container = Samples.Trainer.Container! with { Args = [.. names.Select(name => new CommandPart.InputValue(name))] },
        };
        var arguments = Read(Render(definition))[0]["arguments"]!.AsObject().Select(pair => pair.Key).ToList();
        Assert.Equal(
            ["namespace_value", "image_value", "class_value", "task_id_value", "retries_value", "x", "a_b", "learning_rate", "learning_rate_2", "port_3d", "ber", "Model_path", "workspace"], arguments);
    }

    [Fact]
    public void Any_text_comes_back_from_the_syntax_tree()
    {
        var read = Read(Samples.HostileTexts.Select(Samples.WithHostileText).Select(Render));
        for (var i = 0; i < read.Length; i++)
        {
            var hostile = Samples.HostileTexts[i];
            var url = read[i]["arguments"]!["url"]!["default"]![0];
            Assert.True(url is null || (string?)url == hostile, $"{hostile} became {url}");
            Assert.NotNull(read[i]["arguments"]!["needed"]!["description"]);
            Assert.Equal(["needed", "url", "flag", "table_path", "workspace"], read[i]["arguments"]!.AsObject().Select(pair => pair.Key));
        }
    }

    [Fact]
    public void Any_text_of_a_command_reaches_the_pod()
    {
        var made = RunAll(Samples.HostileTexts.Select(Samples.WithHostileCommand), "TrainOperator", new { });
        for (var i = 0; i < made.Length; i++)
        {
            var hostile = Samples.HostileTexts[i];
            var pod = made[i]["pod"]!;
            Assert.Equal(["sh", hostile], pod["cmds"]!.AsArray().Select(part => (string?)part));
            Assert.Equal([hostile, hostile + hostile, "/ws/t.Model"], pod["arguments"]!.AsArray().Select(part => (string?)part));
            Assert.Equal(hostile, (string?)pod["env_vars"]![hostile]);
        }
    }
}
