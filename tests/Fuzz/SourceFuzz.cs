using Claimed.Components.Sources;
using Claimed.Components.Sources.Notebooks;
using Xunit;

namespace Claimed.Fuzz;

/// <summary>Readers of sources: no input makes them throw, and whatever they read can be stored and rendered.</summary>
public sealed class SourceFuzz
{
    [Fact]
    public void Python() => Fuzzing.Run(new Target("Python", SourceCorpus.Python, SourceCorpus.PythonWords), input => SourceCheck.Run("step.py", input));

    [Fact]
    public void Shell() => Fuzzing.Run(new Target("Shell", SourceCorpus.Shell, SourceCorpus.ShellWords), input => SourceCheck.Run("step.sh", input));

    [Fact]
    public void R() => Fuzzing.Run(new Target("R", SourceCorpus.R, SourceCorpus.RWords), input => SourceCheck.Run("step.R", input));

    [Fact]
    public void Notebook() =>
        Fuzzing.Run(new Target("Notebook", SourceCorpus.Notebook, [.. SourceCorpus.NotebookWords, .. SourceCorpus.PythonWords]), input =>
        {
            var bare = NotebookOutputs.Without(input);
            Assert.True(bare.Length <= input.Length && NotebookOutputs.Without(bare).Equals(bare), "Taking outputs out leaves some behind.");
            return SourceCheck.Run("step.ipynb", input);
        });

    [Fact]
    public void R_notebook() =>
        Fuzzing.Run(new Target("R notebook", SourceCorpus.RNotebook, [.. SourceCorpus.NotebookWords, .. SourceCorpus.RWords]), input => SourceCheck.Run("step.ipynb", input));

    [Fact]
    public void Component_yaml() => Fuzzing.Run(new Target("component.yaml", SourceCorpus.Yaml, SourceCorpus.YamlWords), input => SourceCheck.Run("component.yaml", input));
}

/// <summary>What stands beside and within sources.</summary>
public sealed class SourcePartsFuzz
{
    [Fact]
    public void Front_matter() => Fuzzing.Run(
        new Target("Front matter", SourceCorpus.FrontMatter, SourceCorpus.FrontMatterWords), input => SourceCheck.Run("step.py", [.. "# claimed: "u8, .. input]));

    [Fact]
    public void Install_lines() => Fuzzing.Run(
        new Target("Install lines", SourceCorpus.Install, SourceCorpus.InstallWords), input => SourceCheck.Run("step.py", [.. "x = 1\n# "u8, .. input]));

    [Fact]
    public void Requirements() => Fuzzing.Run(
        new Target("Requirements", SourceCorpus.Requirements, SourceCorpus.InstallWords),
        input => SourceCheck.Run(new SourceFile("step.py", "x = 1\n"u8.ToArray()), new SourceFile("requirements.txt", input), new SourceFile("more.txt", input)));

    /// <summary>A component.yaml beside a Dockerfile that holds anything.</summary>
    [Fact]
    public void Dockerfile() => Fuzzing.Run(
        new Target("Dockerfile", SourceCorpus.Dockerfile, SourceCorpus.DockerfileWords),
        input => SourceCheck.Run(new SourceFile("component.yaml", SourceCorpus.WithoutImage), new SourceFile("Dockerfile", input)));

    /// <summary>Both kinds of icons beside a script.</summary>
    [Fact]
    public void Icon() => Fuzzing.Run(new Target("Icon", SourceCorpus.Icon, [.. SourceCorpus.IconWords.Select(System.Text.Encoding.UTF8.GetBytes)]), input =>
    {
        var script = new SourceFile("step.py", "x = 1\n"u8.ToArray());
        SourceFile[] svg = [script, new("icon.svg", input)], png = [script, new("icon.png", input)];
        return $"{SourceCheck.Run(svg)} {SourceCheck.Run(png)} {IconFile.Find(svg, script.Path) is null} {IconFile.Find(png, script.Path) is null}";
    });

    /// <summary>Several files at once: the input is cut at its NUL signs, names come from its first bytes.</summary>
    [Fact]
    public void Several_files() => Fuzzing.Run(new Target("Several files", SourceCorpus.Several, [.. SourceCorpus.PythonWords, .. SourceCorpus.Names]), input =>
    {
        var files = new List<SourceFile>();
        foreach (var range in input.AsSpan().Split((byte)0))
        {
            var part = input.AsMemory(range);
            if (part.Length > 0)
                files.Add(new SourceFile(SourceCorpus.Names[part.Span[0] % SourceCorpus.Names.Length], part[1..]));
        }

        return SourceCheck.Run([.. files.DistinctBy(file => file.Path)]);
    });
}
