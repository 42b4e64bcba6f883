using System.Text;
using System.Text.Json;
using Claimed.Components;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Fuzz;

/// <summary>Definitions with hostile text everywhere: each form is read by its target's own parser, which finds the text as text.</summary>
public sealed class RenditionFuzz
{
    private const int Batch = 120;

    // Reads a list of {form, text, name, image} and fails on the first form that its parser refuses or that says another name.
    private const string Judge = """
        import ast, json, sys, yaml
        for case in json.load(sys.stdin):
            form, text = case['form'], case['text']
            try:
                if form == 'pipeline.yaml':
                    read = yaml.safe_load(text)
                    assert set(read) == {'components', 'deploymentSpec', 'pipelineInfo', 'root', 'schemaVersion', 'sdkVersion'}, sorted(read)
                    (executor,) = read['deploymentSpec']['executors'].values()
                    assert executor['container']['image'] == case['image']
                    assert all(isinstance(word, str) for word in executor['container'].get('command', []) + executor['container'].get('args', []))
                elif form == 'job.yaml':
                    read = yaml.safe_load(text)
                    assert (read['apiVersion'], read['kind']) == ('batch/v1', 'Job')
                    (container,) = read['spec']['template']['spec']['containers']
                    assert container['image'] == case['image']
                    assert all(isinstance(variable.get('value', ''), str) for variable in container.get('env', []))
                    assert all(isinstance(value, str) for value in read['metadata']['annotations'].values())
                elif form == 'tool.cwl':
                    read = yaml.safe_load(text)
                    assert (read['cwlVersion'], read['class'], read['hints']['DockerRequirement']['dockerPull']) == ('v1.2', 'CommandLineTool', case['image'])
                    assert all(name.isidentifier() for name in [*read['inputs'], *read['outputs']])
                    assert isinstance(read['label'], str)
                elif form == 'usage':
                    blocks = text.split('\n# Kubeflow Pipelines: ')[1]
                    ast.parse('# ' + blocks.split('\n# Elyra: ')[0])
                elif form.endswith('.yaml'):
                    read = yaml.safe_load(text)
                    assert set(read) <= {'name', 'description', 'metadata', 'inputs', 'outputs', 'implementation'}, sorted(read)
                    assert isinstance(read['name'], str)
                    container = read['implementation']['container']
                    assert container['image'] == case['image'], container['image']
                    for port in read.get('inputs', []) + read.get('outputs', []):
                        for key in ('name', 'type', 'description', 'default'):
                            assert isinstance(port.get(key, ''), str), (key, port[key])
                elif form.endswith('.py'):
                    tree = ast.parse(text)
                    allowed = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.ClassDef)
                    assert all(isinstance(node, allowed) for node in tree.body), [type(node).__name__ for node in tree.body]
                    # What all operators have in common stands before the one that is the component's.
                    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
                    assert [name for name in classes if name.endswith('Operator')] == classes[-1:], classes
                    assert all(isinstance(node.value, ast.Constant) for node in tree.body if isinstance(node, ast.Expr))
                else:
                    for line in text.splitlines():
                        word, _, rest = line.partition(' ')
                        assert word in ('FROM', 'USER', 'COPY', 'WORKDIR', 'RUN', 'LABEL', 'ENV', 'ENTRYPOINT', 'ARG'), line
                        if word == 'RUN':
                            assert all(isinstance(item, str) for item in json.loads(rest)), line
            except Exception as problem:
                sys.exit(f'{form}: {type(problem).__name__}: {problem}\n{text}')
        """;

    private static readonly string[] Ways =
    [
        "a", "'", "\"", "\"\"\"", "'''", "\\", "\\\\", "\n", "\r\n", "\r", "\t", " ", ": ", " #", "- ", "? ", "&a", "*a", "!x", "|", ">", "%", "@", "`", "{", "}", "[", "]", "{{", "}}", "{%", "${", "$(", "$", ";", "&&", "<script>", "</x>", "\0", "\u0001", "\u0085", "\u2028",
        "\u202E", "\uFEFF", "\uFFFD", "\uFFFE", "😀", "é", "---\n", "...\n", "null", "yes", "0x1", "1e3", "~", "=", "<<: *a", ":param x", ":type", "import os", "RUN rm", "\\N{BULLET}", "\\x41", "%s", "\u001B[0m", "\u007F",
    ];

    [Fact]
    public void Every_form_is_read_by_its_own_parser()
    {
        var texts = new RenditionText();
        var random = new Random(1);
        var cases = new List<object>();
        Fuzzing.Run(new Target("Renditions", ["seed"]) { Limit = TimeSpan.FromSeconds(60) }, _ =>
        {
            var definition = Hostile(random);
            foreach (var (form, text) in texts.Render(definition))
                cases.Add(new { form, text, image = RenditionText.Image });
            if (cases.Count >= Batch)
                JudgeAll(cases);
            return "";
        });
        JudgeAll(cases);
    }

    private static void JudgeAll(List<object> cases)
    {
        var judged = Shell.RunAsync("python3", ["-X", "utf8", "-c", Judge], input: JsonSerializer.Serialize(cases)).GetAwaiter().GetResult();
        Assert.True(judged.ExitCode == 0, judged.Err);
        cases.Clear();
    }

    private static Definition Hostile(Random random)
    {
        var language = (SourceLanguage)random.Next(5);
        var ports = Enumerable.Range(0, random.Next(5)).Select(number => Port(random, language, number)).ToList();
        return new Definition
        {
            Name = "step",
            DisplayName = Text(random),
            Description = Text(random),
            Language = language,
            MainFile = language == SourceLanguage.Container ? "component.yaml" : "step.py",
            Inputs = ports,
            Outputs = random.Next(2) == 0 ? [] : [Port(random, language, 9) with { Passing = PortPassing.File, Type = "Model", Default = null }],
            Category = random.Next(2) == 0 ? null : Text(random),
            Tags = [Text(random)],
            Annotations = new Dictionary<string, string> { [Text(random)] = Text(random) },
            Container = language == SourceLanguage.Container ? Container(random, ports) : null,
        };
    }

    private static Port Port(Random random, SourceLanguage language, int number)
    {
        var type = random.Next(3) == 0 ? Text(random) : random.GetItems(["String", "Integer", "Float", "Boolean", "JsonObject", "JsonArray", "Dataset"], 1)[0];
        return new Port
        {
            Name = language == SourceLanguage.Container ? $"{Text(random)}{number}" : $"p_{number}",
            Type = type,
            Passing = PortTypes.IsValue(type) ? PortPassing.Value : PortPassing.File,
            Default = random.Next(2) == 0 ? null : Text(random),
            Optional = random.Next(2) == 0,
            Description = Text(random),
            Secret = random.Next(5) == 0,
        };
    }

    private static ContainerTemplate Container(Random random, List<Port> ports)
    {
        List<CommandPart> parts = [new CommandPart.Text(Text(random)), .. ports.Select(port => (CommandPart)(port.Passing == PortPassing.File ? new CommandPart.InputPath(port.Name) : new CommandPart.InputValue(port.Name)))];
        if (ports.Count > 0)
            parts.Add(new CommandPart.If(ports[0].Name, null, [new CommandPart.Text(Text(random)), new CommandPart.Concat([new CommandPart.Text(Text(random)), new CommandPart.InputValue(ports[0].Name)])], []));
        parts.AddRange(ports.Where(port => port.Passing == PortPassing.File && random.Next(2) == 0)
            .Select(port => new CommandPart.Concat([new CommandPart.Text(Text(random)), new CommandPart.InputUri(port.Name)])));
        return new ContainerTemplate(RenditionText.Image, parts, [], new Dictionary<string, string> { ["V" + random.Next(3)] = Text(random) });
    }

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        for (var parts = random.Next(1, 9); parts > 0; parts--)
            text.Append(Ways[random.Next(Ways.Length)]);
        return WholeText.Of(text.ToString());
    }
}
