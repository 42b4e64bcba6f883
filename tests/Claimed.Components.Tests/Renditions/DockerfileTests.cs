using System.Text.Json;
using System.Text.RegularExpressions;
using Claimed.Components.Renditions;
using Xunit;

namespace Claimed.Components.Tests.Renditions;

public sealed class DockerfileTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    private static Requirement Asks(PackageManager manager, params string[] packages) => new(manager, packages, [], new SourcePosition("x.py", 3));

    private static GeneratedDockerfile Write(
        IReadOnlyList<Requirement> requirements, Dictionary<string, string>? replacements = null, Dictionary<string, string>? labels = null) =>
        DockerfileRendition.Write(Samples.FilterCsv with { Requirements = requirements }, new("python:3.12-slim", replacements ?? Nothing, labels ?? Nothing));

    private static string[][] Runs(string text) => [.. text.Split('\n').Where(line => line.StartsWith("RUN ", StringComparison.Ordinal))
        .Select(line => JsonSerializer.Deserialize<string[]>(line[4..])!)];

    [Fact]
    public void What_is_installed_is_a_Dockerfile_of_its_own_with_the_same_first_steps()
    {
        var whole = Write([Asks(PackageManager.Pip, "pandas==2.2.1"), Asks(PackageManager.Apt, "git")], labels: new() { ["a"] = "b" });

        Assert.NotNull(whole.Dependencies);
        Assert.StartsWith(whole.Dependencies, whole.Text, StringComparison.Ordinal);
        Assert.EndsWith("\"pandas==2.2.1\"]\n", whole.Dependencies, StringComparison.Ordinal);
        Assert.DoesNotContain("COPY", whole.Dependencies, StringComparison.Ordinal);
        Assert.Null(Write([]).Dependencies);
        Assert.Null(Write([Asks(PackageManager.Pip, "pandas")], new() { ["pandas"] = "provided" }).Dependencies);
    }

    [Fact]
    public void A_source_becomes_an_image_that_any_user_of_group_0_can_run()
    {
        var (text, _, _) = Write([Asks(PackageManager.Pip, "pandas==2.2.1"), Asks(PackageManager.Apt, "git"), Asks(PackageManager.Pip, "numpy")],
            labels: new() { ["org.opencontainers.image.title"] = "Filter" });
        Assert.Equal(
            """
            FROM python:3.12-slim
            USER 0
            RUN ["sh","-c","export DEBIAN_FRONTEND=noninteractive; apt-get update && apt-get install --yes --no-install-recommends \"$@\" && apt-get clean && rm -rf /var/lib/apt/lists/*","apt","--","git"]
            ARG PIP_INDEX_URL
            ARG PIP_EXTRA_INDEX_URL
            ARG PIP_FIND_LINKS
            ARG PIP_TRUSTED_HOST
            RUN ["python","-m","pip","install","--no-cache-dir","--disable-pip-version-check","--","pandas==2.2.1","numpy"]
            COPY claimed/ /opt/claimed/
            WORKDIR /home/claimed
            COPY --chown=1000:0 source/ /home/claimed/
            RUN ["sh","-c","chmod -R a+rX /opt/claimed && chmod 0755 /opt/claimed/run && chown 1000:0 /home/claimed && chmod -R a+rX,g=u /home/claimed"]
            LABEL "org.opencontainers.image.title"="Filter"
            ENV HOME=/home/claimed PYTHONUNBUFFERED=1
            USER 1000:0
            ENTRYPOINT ["/opt/claimed/run"]

            """, text, ignoreLineEndingDifferences: true);
    }

    [Theory]
    [InlineData(SourceLanguage.Python, """RUN ["env","HOME=/tmp","python","-B","-c","import pandas, sklearn.svm"]""")]
    [InlineData(SourceLanguage.Notebook, """RUN ["env","HOME=/tmp","python","-B","-c","import pandas, sklearn.svm"]""")]
    [InlineData(SourceLanguage.R, """RUN ["env","HOME=/tmp","Rscript","-e","library(pandas); library(sklearn.svm)"]""")]
    public void Declared_modules_are_imported_last_by_the_user_of_the_image(SourceLanguage language, string run)
    {
        var definition = Samples.FilterCsv with { Language = language, Requirements = [Asks(PackageManager.Pip, "pandas")], Imports = [new("pandas", new("x.py", 1)), new("sklearn.svm", new("x.py", 2))] };
        var generated = DockerfileRendition.Write(definition, new("python:3.12-slim", Nothing, Nothing));
        Assert.EndsWith($"\nUSER 1000:0\n{run}\nENTRYPOINT [\"/opt/claimed/run\"]\n", generated.Text, StringComparison.Ordinal);
        Assert.Equal([("pandas", false, 3), ("pandas", true, 1), ("sklearn.svm", true, 2)], generated.Installed.Select(package => (package.Package, package.IsImport, package.Position.Line)));
        Assert.Equal(run, generated.Installed[^1].Instruction);
        Assert.DoesNotContain("import", generated.Dependencies, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SourceLanguage.Python, "os; os.system('id')")]
    [InlineData(SourceLanguage.R, "x); system('id'")]
    [InlineData(SourceLanguage.Shell, "x")]
    public void Nothing_but_a_module_is_imported(SourceLanguage language, string module) => Assert.Throws<ArgumentException>(() =>
        DockerfileRendition.Write(Samples.FilterCsv with { Language = language, Imports = [new(module, default)] }, new("python:3.12-slim", Nothing, Nothing)));

    [Fact]
    public void A_site_drops_and_rewrites_requirements_by_their_normalised_name()
    {
        var (text, _, findings) = Write(
            [Asks(PackageManager.Pip, "Scikit_Learn[all]>=1.2", "torch==2.4", "pandas", "git+https://example.org/x.git#egg=my.pkg")],
            new() { ["scikit-learn"] = "provided", ["Torch"] = "torch==2.4+cpu", ["my-pkg"] = "provided" });
        Assert.Equal(["torch==2.4+cpu", "pandas"], Runs(text)[0].SkipWhile(argument => argument != "--").Skip(1));
        Assert.Equal(["requirement-provided", "requirement-replaced", "requirement-provided"], findings.Select(finding => finding.Code));
        Assert.All(findings, finding => Assert.Equal((Severity.Suggestion, 3), (finding.Severity, finding.Position.Line)));
    }

    [Fact]
    public void A_group_of_which_nothing_is_left_makes_no_layer()
    {
        var (text, _, _) = Write([Asks(PackageManager.Pip, "pandas")], new() { ["pandas"] = "provided" });
        Assert.DoesNotContain("pip", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Requirements_with_other_options_are_installed_apart()
    {
        var (text, _, _) = Write([Asks(PackageManager.Pip, "a"), Asks(PackageManager.Pip, "b") with { Options = ["--no-deps"] }, Asks(PackageManager.Cran, "dplyr")]);
        Assert.Equal(["--no-deps", "--", "b"], Runs(text)[1][^3..]);
        Assert.Equal(["Rscript", "-e"], Runs(text)[2][..2]);
        Assert.Contains("c(\"dplyr\")", Runs(text)[2][2], StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_of_a_source_begins_an_instruction_or_changes_another()
    {
        string[] expected = [.. Write([Asks(PackageManager.Pip, "x"), Asks(PackageManager.Apt, "x"), Asks(PackageManager.Cran, "x")], labels: new() { ["k"] = "v" })
            .Text.Split('\n').Select(line => line.Split(' ')[0])];
        foreach (var hostile in Samples.HostileTexts)
        {
            var (text, _, _) = Write([Asks(PackageManager.Pip, hostile), Asks(PackageManager.Apt, hostile), Asks(PackageManager.Cran, hostile)], labels: new() { [hostile] = hostile });
            Assert.Equal(expected, text.Split('\n').Select(line => line.Split(' ')[0]));
            Assert.All(Runs(text)[..2], run => Assert.Equal(hostile, run[^1]));
            var label = text.Split('\n').Single(line => line.StartsWith("LABEL", StringComparison.Ordinal));
            Assert.Matches(new Regex("\\ALABEL \"([^\"\\\\$]|\\\\[\"\\\\$])*\"=\"([^\"\\\\$]|\\\\[\"\\\\$])*\"\\z"), label);
            Assert.DoesNotContain(text, c => c is '\r' or '\u2028' or '\u0085');
        }
    }

    [Theory]
    [InlineData("python:3.12\nRUN id")]
    [InlineData("python AS x")]
    [InlineData("$BASE")]
    [InlineData("")]
    public void A_base_image_that_is_no_reference_is_refused(string image) =>
        Assert.Throws<ArgumentException>(() => DockerfileRendition.Write(Samples.FilterCsv, new(image, Nothing, Nothing)));

    [Fact]
    public void A_component_yaml_gets_no_dockerfile() =>
        Assert.Throws<ArgumentException>(() => DockerfileRendition.Write(Samples.Trainer, new("python:3.12", Nothing, Nothing)));
}
