using System.Text.RegularExpressions;
using Claimed.Components;
using Xunit;

namespace Claimed.Library;

/// <summary>What <c>components/README.md</c> promises of every component that ships.</summary>
public sealed partial class ShippedTests
{
    /// <summary>Category, group and name, as the presentation of the product has them.</summary>
    public static TheoryData<string, string, string, string> Promised => new()
    {
        { "training/tfjob", "Training", "Distributed", "TFJob" },
        { "tuning/katib", "Tuning", "Hyperopt", "Katib" },
        { "metric/aix360-lime", "Metric", "Explainability", "AIX360/LIME" },
        { "metric/art", "Metric", "Adversarial Robustness", "ART" },
        { "metric/aif360", "Metric", "AI Fairness", "AIF360" },
        { "deploy/kserve", "Deploy", "Serving", "KServe" },
        { "train/keras-applications", "Train", "Image", "Keras applications" },
    };

    public static TheoryData<string> Folders => SourceTests.Folders;

    [Theory]
    [MemberData(nameof(Promised))]
    public void The_palette_shows_it_where_it_was_promised(string folder, string category, string group, string name)
    {
        var definition = Of(folder).Definition;
        Assert.Equal((category, group, name), (definition.Category, definition.Group, definition.DisplayName));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void It_is_read_without_errors_and_warnings(string folder) =>
        Assert.Equal([], Of(folder).Reading.Findings.Where(finding => finding.Severity != Severity.Suggestion).Select(finding => $"{finding.Position.File}:{finding.Position.Line} {finding.Code}: {finding.Message}"));

    [Theory]
    [MemberData(nameof(Folders))]
    public void It_says_what_it_is(string folder)
    {
        var component = Of(folder);
        var definition = component.Definition;

        Assert.NotEmpty(definition.Description);
        Assert.NotNull(definition.Category);
        Assert.NotNull(definition.Group);
        Assert.NotEmpty(definition.Tags);
        Assert.StartsWith("#", File.ReadAllText(Path.Combine(ShippedComponent.Root, folder, "README.md")), StringComparison.Ordinal);
        Assert.Equal([], definition.Inputs.Concat(definition.Outputs).Where(port => string.IsNullOrWhiteSpace(port.Description)).Select(port => port.Name));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Its_requirements_have_exact_versions_and_are_imported_when_it_is_built(string folder)
    {
        var definition = Of(folder).Definition;
        var packages = definition.Requirements.SelectMany(requirement => requirement.Packages).ToList();

        Assert.Equal([], packages.Where(package => !Pinned.IsMatch(package)));
        if (packages.Count > 0)
            Assert.NotEmpty(definition.Imports ?? []);
    }

    [Fact]
    public void The_starter_set_is_of_components_that_are_there() =>
        Assert.Equal([], BuiltLibrary.Starters.Except(ShippedComponent.All.Select(component => component.Folder)));

    private static ShippedComponent Of(string folder) => ShippedComponent.All.Single(component => component.Folder == folder);

    [GeneratedRegex(@"\A[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[0-9][A-Za-z0-9.]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pinned { get; }
}
