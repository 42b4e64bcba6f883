using Xunit;

namespace Claimed.Library;

/// <summary>The starter set of the component library, built by the registry and run from its images.</summary>
public sealed class ImageTests(BuiltLibrary library) : IClassFixture<BuiltLibrary>
{
    public static TheoryData<string> Starters => [.. BuiltLibrary.Starters];

    [Theory]
    [MemberData(nameof(Starters))]
    public async Task It_is_built_at_the_first_start(string folder)
    {
        var version = await library.EndedAsync(ShippedComponent.NameOf(folder));

        Assert.True((string?)version["state"] == "ready", $"{version["state"]}: {version["reason"]}");
        Assert.Contains("@sha256:", (string?)version["image"], StringComparison.Ordinal);
        Assert.Equal([], version["findings"]!.AsArray().Where(finding => (string?)finding!["severity"] is "error" or "warning").Select(finding => $"{finding!["code"]}: {finding["message"]}"));
    }

    [Theory]
    [MemberData(nameof(Starters))]
    public void Its_image_does_its_work(string folder) => Assert.True(library.Pytest.WrongOf(folder) is null, library.Pytest.WrongOf(folder));
}
