using Claimed.Components.Renditions;
using Claimed.Components.Sources;
using Claimed.Components.Tests.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class FrontMatterTests
{
    private const string Code = "\nx = 1\n";

    [Theory]
    [InlineData("# claimed: cpu=500m memory=2Gi gpu=1 storage=10Gi")]
    [InlineData("# claimed: resources: cpu=500m, memory=2Gi; gpu=1 storage=10Gi")]
    [InlineData("# claimed: resources.cpu=500m\n# claimed: resources.memory: 2Gi\n# claimed: resources.gpu=1 resources.storage=10Gi")]
    public void A_source_says_what_it_needs_of_a_machine(string lines) =>
        Assert.Equal(new Resources("500m", "2Gi", "1", "10Gi"), Reading.Sound(lines + Code).Resources);

    [Theory]
    [InlineData("cpu=0.5")]
    [InlineData("cpu=2")]
    [InlineData("memory=1e9")]
    [InlineData("memory=500M")]
    [InlineData("storage=1.5Ti")]
    [InlineData("storage=1Ei")]
    [InlineData("storage=2E")]
    [InlineData("memory=1e+9")]
    [InlineData("memory=500000k")]
    [InlineData("cpu=.5")]
    [InlineData("cpu=2.")]
    [InlineData("cpu=500000u")]
    [InlineData("cpu=500000000n")]
    public void Every_quantity_of_kubernetes_is_taken_and_reaches_the_forms(string fact)
    {
        var reading = Reading.Script("# claimed: " + fact + Code);
        Assert.DoesNotContain(reading.Findings, finding => finding.Code == "resource-invalid");
        var amount = fact[(fact.IndexOf('=', StringComparison.Ordinal) + 1)..];
        Assert.Contains(amount, UsageText.Needs(reading.Definition!.Resources), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu=lots")]
    [InlineData("cpu=-1")]
    [InlineData("memory=2GB")]
    [InlineData("memory=2 Gi")]
    [InlineData("memory=0")]
    [InlineData("gpu=1.5")]
    [InlineData("gpu=500m")]
    [InlineData("storage=10Gi$(id)")]
    [InlineData("storage=10Ki i")]
    [InlineData("storage=8Ei")]
    [InlineData("storage=1e99")]
    [InlineData("memory=.")]
    [InlineData("cpu=0.0e5")]
    public void What_kubernetes_would_refuse_is_left_out_with_a_warning(string fact)
    {
        var reading = Reading.Script("x = 1\n# claimed: " + fact);
        Assert.Equal(2, reading.Only("resource-invalid").Position.Line);
        Assert.Equal(Resources.None, reading.Definition!.Resources);
    }

    [Fact]
    public void A_source_names_its_base_image_and_licence()
    {
        var component = Reading.Sound("# claimed: base=registry.example.org:5000/team/base:1.4 license=Apache-2.0\n" + Code);
        Assert.Equal(("registry.example.org:5000/team/base:1.4", "Apache-2.0"), (component.BaseImage, component.License));
        Assert.Equal("MIT OR Apache-2.0", Reading.Sound("# SPDX-License-Identifier: MIT OR Apache-2.0\n" + Code).License);
    }

    [Theory]
    [InlineData("base=a b", "base-image-invalid", Severity.Error)]
    [InlineData("base=x;id", "base-image-invalid", Severity.Error)]
    [InlineData("base=team/base", "image-latest", Severity.Warning)]
    [InlineData("base=team/base:latest", "image-latest", Severity.Warning)]
    [InlineData("license=free for all!", "license-unknown", Severity.Warning)]
    public void A_base_image_or_licence_that_says_nothing_sure_is_found(string fact, string code, Severity severity) =>
        Assert.Equal((severity, 2), (Reading.Script("x = 1\n# claimed: " + fact).Only(code).Severity, Reading.Script("x = 1\n# claimed: " + fact).Only(code).Position.Line));

    [Theory]
    [InlineData("s.R", "x <- Sys.getenv('x', '1')\n")]
    [InlineData("s.sh", "echo ${x:-1}\n")]
    [InlineData("s.py", "x = os.environ.get('x', '1')\n")]
    public void Every_language_has_the_same_front_matter(string path, string code)
    {
        var component = Reading.Sound("# about it\n# claimed: memory=2Gi category=Metric base=a/b:1\n# claimed: input x: Integer - how many\n# claimed: output model: Model from output_model\n" + code, path);
        Assert.Equal(("2Gi", "Metric", "a/b:1"), (component.Resources.Memory, component.Category, component.BaseImage));
        Assert.Equal((PortTypes.Integer, "1", "how many"), (component.Input("x").Type, component.Input("x").Default, component.Input("x").Description));
        Assert.Equal((PortPassing.File, "output_model"), (component.Output("model").Passing, component.Output("model").Variable));
    }

    [Theory]
    [InlineData("# claimed: category=Object Storage\n# claimed: group=AI Fairness\n# claimed: displayName=Keras applications", "Object Storage", "AI Fairness", "Keras applications")]
    [InlineData("# claimed: displayName=Keras  applications, group=AIX360/LIME, category=Train a model", "Train a model", "AIX360/LIME", "Keras applications")]
    [InlineData("# claimed: displayname: 'AIX360/LIME; tabular', category=A\n# claimed: displayName=later group=B", "A", "B", "AIX360/LIME; tabular")]
    public void Names_for_people_may_have_blanks_and_slashes(string lines, string category, string group, string displayName)
    {
        var component = Reading.Sound(lines + Code);
        Assert.Equal((category, group, displayName, "my-script"), (component.Category, component.Group, component.DisplayName, component.Name));
    }

    [Fact]
    public void The_name_for_people_is_the_one_that_is_meant_for_them()
    {
        var script = Reading.Sound("# claimed: name=tool-one\n# claimed: displayName=Tool: one" + Code);
        Assert.Equal(("tool-one", "Tool: one"), (script.Name, script.DisplayName));
        Assert.Equal("Tool one", Reading.Sound("# claimed: name=Tool one" + Code).DisplayName);
        var notebook = Reading.Of(("n.ipynb", """{"cells": [{"cell_type": "code", "source": "x = 1"}], "metadata": {"claimed": {"displayName": "Keras\n applications", "imports": ["keras", "PIL.Image"]}}, "nbformat": 4}""")).Definition!;
        Assert.Equal(("Keras applications", "keras PIL.Image"), (notebook.DisplayName, string.Join(' ', notebook.Imports!.Select(import => import.Module))));
    }

    [Theory]
    [InlineData("imports=pandas,sklearn.linear_model", "pandas sklearn.linear_model")]
    [InlineData("imports=pandas, sklearn pandas, category=A", "pandas sklearn")]
    [InlineData("imports=data.table\n# claimed: imports: _x", "data.table _x")]
    public void Modules_to_import_stand_between_commas_or_blanks(string facts, string modules)
    {
        var component = Reading.Sound("x = 1\n# claimed: " + facts);
        Assert.Equal(modules, string.Join(' ', component.Imports!.Select(import => import.Module)));
        Assert.Equal(2, component.Imports![0].Position.Line);
    }

    [Theory]
    [InlineData("a;b")]
    [InlineData("a=1")]
    [InlineData("1a")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("a-b")]
    [InlineData("a\"b")]
    [InlineData("ａ")]
    [InlineData("os,system('id')")]
    public void What_is_no_name_of_a_module_is_refused(string modules)
    {
        var finding = Reading.Script("x = 1\n# claimed: imports=" + modules).Only("imports-invalid");
        Assert.Equal((Severity.Error, 2), (finding.Severity, finding.Position.Line));
    }

    [Fact]
    public void Imports_are_bounded_and_mean_nothing_to_a_shell()
    {
        var many = string.Concat(Enumerable.Range(0, 102).Select(number => $"# claimed: imports=m{number}\n"));
        Assert.Equal(101, Reading.Script(many + Code).Findings.First(finding => finding.Code == "imports-invalid").Position.Line);
        Assert.Contains(Reading.Script("# claimed: imports=" + new string('a', 101) + Code).Findings, finding => finding.Code == "imports-invalid");
        var shell = Reading.Script("echo ${x:-1}\n# claimed: imports=pandas\n", "s.sh");
        Assert.Equal((Severity.Warning, 2, true), (shell.Only("imports-unused").Severity, shell.Only("imports-unused").Position.Line, shell.Definition!.Imports is null));
        Assert.Null(Reading.Sound("x = 1\n").Imports);
        Assert.Null(SourceReader.Read([Reading.File("x.py", "x = 1\n# claimed: imports=pandas\n")], new SourceOptions(null, "a/b:1")).Definition!.Imports);
    }

    [Fact]
    public void What_is_served_says_the_same_when_it_is_published_again()
    {
        var component = Reading.Sound("# claimed: cpu=500m memory=2Gi gpu=1 storage=10Gi category=Metric, group=G license=MIT\n" + Code);
        var again = Reading.Of(("component.yaml", ClientRenditions.Render(RenditionForm.Component, Samples.Source(component)))).Definition!;
        Assert.Equal((component.Resources, "Metric", "G", "MIT"), (again.Resources, again.Category, again.Group, again.License));
    }
}
