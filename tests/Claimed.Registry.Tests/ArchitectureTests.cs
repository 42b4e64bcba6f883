using System.Reflection;
using Claimed.Components;
using Claimed.Database;
using NetArchTest.Rules;
using Xunit;

namespace Claimed.Registry.Tests;

/// <summary>Which part may use which. The table is the rule; a new arrow is a decision and gets a line here.</summary>
[Trait("Database", "any")]
public sealed class ArchitectureTests
{
    private const string Root = "Claimed.Registry.";

    /// <summary>The floor: what every slice may use.</summary>
    private static readonly string[] Floor = ["Storage", "Http", "Access", "Telemetry"];

    /// <summary>What a slice may use beside Claimed.Components, Claimed.Database and the floor.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Storage"] = [],
        ["Http"] = [],
        ["Access"] = [],
        ["Telemetry"] = [],
        ["Images"] = [],
        ["Namespaces"] = [],
        // A channel and the image tag of its name are one thing.
        ["Channels"] = ["Images"],
        ["Reads"] = [],
        ["Search"] = [],
        ["Wheels"] = [],
        // A purge changes how a component shows itself and by what it is found, and takes the wheels that have its texts.
        ["Versions"] = ["Channels", "Images", "Publish", "Search", "Wheels"],
        // What is said of an image is read from its layers, and laid beside it.
        ["Evidence"] = ["Images"],
        ["Builds"] = ["Channels", "Evidence", "Images"],
        ["Publish"] = ["Builds", "Channels", "Images"],
        // Protocols of clients that upload, tag and delete come through the doors of those verbs, and what is asked for as a wheel is made and stored by
        // those; none of them touches the database itself.
        ["Catalogs"] = ["Channels", "Publish", "Versions", "Wheels"],
        ["Events"] = [],
        // Public keys and wheels are exported, too.
        ["Export"] = ["Catalogs", "Evidence", "Wheels"],
        // Deliveries go where images are looked up: to public addresses.
        ["Webhooks"] = ["Images"],
        // People search what programs search.
        ["Pages"] = ["Search"],
        // A copy of another registry is stored as what was published, built and changed here.
        ["Mirrors"] = ["Builds", "Channels", "Images", "Publish", "Versions"],
        // A word runs what the slices do, without the web.
        ["Words"] = ["Builds", "Export", "Images", "Mirrors", "Publish", "Reads", "Versions", "Wheels"],
        // The document of the API names the fields of the upload form.
        ["OpenApi"] = ["Publish"],
    };

    private static readonly string[] Slices = [.. typeof(RegistryApp).Assembly.GetTypes()
        .Select(type => type.Namespace ?? "").Where(name => name.StartsWith(Root, StringComparison.Ordinal))
        .Select(name => name[Root.Length..].Split('.')[0]).Distinct(StringComparer.Ordinal)];

    public static TheoryData<string> SliceNames => [.. Slices];

    [Theory]
    [MemberData(nameof(SliceNames))]
    public void A_slice_uses_the_floor_and_what_the_table_allows(string slice)
    {
        Assert.True(Arrows.TryGetValue(slice, out var allowed), $"{slice} is new: say in the table what it may use.");
        var forbidden = Slices.Where(other => other != slice && !Floor.Contains(other) && !allowed.Contains(other)).Select(other => Root + other).ToArray();
        Assert.NotEmpty(forbidden);
        AssertHolds(Types.InAssembly(typeof(RegistryApp).Assembly).That().ResideInNamespaceMatching($"^{Root.Replace(".", "\\.", StringComparison.Ordinal)}{slice}(\\.|$)")
            .ShouldNot().HaveDependencyOnAny(forbidden).GetResult(), $"{slice} uses a slice that the table does not allow");
    }

    [Fact]
    public void Catalogs_change_nothing_themselves() =>
        AssertHolds(Types.InAssembly(typeof(RegistryApp).Assembly).That().ResideInNamespaceMatching(@"^Claimed\.Registry\.Catalogs(\.|$)")
            .ShouldNot().HaveDependencyOnAny("Microsoft.EntityFrameworkCore", "Claimed.Registry.Storage.RegistryDatabase", "Claimed.Registry.Storage.Change").GetResult(), "Catalogs reach for the database");

    [Fact]
    public void Components_are_pure_without_files_network_database_or_web() =>
        AssertHolds(Types.InAssembly(typeof(Definition).Assembly).ShouldNot()
            .HaveDependencyOnAny("System.IO.File", "System.IO.Directory", "System.IO.FileStream", "System.IO.FileInfo", "System.Net", "System.Diagnostics.Process",
                "Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "Claimed.Database", "Claimed.Registry").GetResult(),
            "Claimed.Components does I/O");

    [Fact]
    public void The_database_knows_nothing_of_the_web()
    {
        AssertHolds(Types.InAssembly(typeof(RegistryContext).Assembly).ShouldNot()
            .HaveDependencyOnAny("Microsoft.AspNetCore", "Claimed.Registry").GetResult(), "Claimed.Database uses the web");
        Assert.DoesNotContain(typeof(RegistryContext).Assembly.GetReferencedAssemblies(), Named("Microsoft.AspNetCore"));
    }

    [Fact]
    public void Components_reference_no_assembly_of_the_database_or_the_web()
    {
        var references = typeof(Definition).Assembly.GetReferencedAssemblies();
        Assert.DoesNotContain(references, Named("Microsoft."));
        Assert.DoesNotContain(references, Named("Claimed."));
        Assert.DoesNotContain(references, Named("System.Net"));
    }

    private static Predicate<AssemblyName> Named(string start) => name => name.Name!.StartsWith(start, StringComparison.Ordinal);

    private static void AssertHolds(NetArchTest.Rules.TestResult result, string rule) =>
        Assert.True(result.IsSuccessful, $"{rule}: {string.Join(", ", result.FailingTypeNames ?? [])}");
}
