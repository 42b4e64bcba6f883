using System.Text.Json;
using Xunit;

namespace Claimed.Registry.Tests.Publish;

/// <summary>What the standard of SARIF 2.1.0 demands of the parts that are written here; every object may have the properties of its kind and no others.</summary>
internal static class SarifCheck
{
    private static readonly Dictionary<string, string> Properties = new()
    {
        ["log"] = "$schema version runs inlineExternalProperties properties",
        ["run"] = "tool invocations conversion language versionControlProvenance originalUriBaseIds artifacts logicalLocations graphs results automationDetails runAggregates baselineGuid "
            + "redactionTokens defaultEncoding defaultSourceLanguage newlineSequences columnKind externalPropertyFileReferences threadFlowLocations taxonomies addresses translations policies "
            + "webRequests webResponses specialLocations properties",
        ["tool"] = "driver extensions properties",
        ["driver"] = "guid name organization product productSuite shortDescription fullDescription fullName version semanticVersion dottedQuadFileVersion releaseDateUtc downloadUri informationUri "
            + "globalMessageStrings notifications rules taxa locations language contents isComprehensive localizedDataSemanticVersion minimumRequiredLocalizedDataSemanticVersion "
            + "associatedComponent translationMetadata supportedTaxonomies properties",
        ["rule"] = "id deprecatedIds guid deprecatedGuids name deprecatedNames shortDescription fullDescription messageStrings defaultConfiguration helpUri help relationships properties",
        ["configuration"] = "enabled level rank parameters properties",
        ["text"] = "text markdown properties",
        ["message"] = "text markdown id arguments properties",
        ["result"] = "ruleId ruleIndex rule kind level message analysisTarget locations guid correlationGuid occurrenceCount partialFingerprints fingerprints stacks codeFlows graphs graphTraversals "
            + "relatedLocations suppressions baselineState rank attachments hostedViewerUri workItemUris provenance fixes taxa webRequest webResponse properties",
        ["location"] = "id physicalLocation logicalLocations message annotations relationships properties",
        ["physicalLocation"] = "address artifactLocation region contextRegion properties",
        ["artifactLocation"] = "uri uriBaseId index description properties",
        ["region"] = "startLine startColumn endLine endColumn charOffset charLength byteOffset byteLength snippet message sourceLanguage properties",
        ["logicalLocation"] = "name index fullyQualifiedName decoratedName parentIndex kind properties",
    };

    public static void Valid(JsonElement log)
    {
        Known("log", log);
        Assert.Equal("2.1.0", log.GetProperty("version").GetString());
        Absolute(log.GetProperty("$schema"));
        foreach (var run in log.GetProperty("runs").EnumerateArray())
            Run(run);
    }

    private static void Run(JsonElement run)
    {
        Known("run", run);
        Known("tool", run.GetProperty("tool"));
        var driver = run.GetProperty("tool").GetProperty("driver");
        Known("driver", driver);
        Text(driver.GetProperty("name"));
        Absolute(driver.GetProperty("informationUri"));
        Assert.Contains(run.GetProperty("columnKind").GetString(), (string[])["utf16CodeUnits", "unicodeCodePoints"]);
        var rules = driver.GetProperty("rules").EnumerateArray().ToList();
        Assert.Equal(rules.Count, rules.Select(rule => rule.GetProperty("id").GetString()).Distinct().Count());
        rules.ForEach(Rule);
        foreach (var result in run.GetProperty("results").EnumerateArray())
        {
            Known("result", result);
            Assert.Equal(rules[result.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString(), result.GetProperty("ruleId").GetString());
            Level(result);
            Known("message", result.GetProperty("message"));
            Text(result.GetProperty("message").GetProperty("text"));
            foreach (var location in result.GetProperty("locations").EnumerateArray())
                Location(location);
        }
    }

    private static void Rule(JsonElement rule)
    {
        Known("rule", rule);
        Text(rule.GetProperty("id"));
        Absolute(rule.GetProperty("helpUri"));
        foreach (var name in (string[])["shortDescription", "help"])
        {
            Known("text", rule.GetProperty(name));
            Text(rule.GetProperty(name).GetProperty("text"));
        }
        Known("configuration", rule.GetProperty("defaultConfiguration"));
        Level(rule.GetProperty("defaultConfiguration"));
    }

    private static void Location(JsonElement location)
    {
        Known("location", location);
        var physical = location.GetProperty("physicalLocation");
        Known("physicalLocation", physical);
        Known("artifactLocation", physical.GetProperty("artifactLocation"));
        var uri = physical.GetProperty("artifactLocation").GetProperty("uri").GetString();
        Assert.True(Uri.IsWellFormedUriString(uri, UriKind.Relative), $"{uri} is no relative reference.");
        if (physical.TryGetProperty("region", out var region))
        {
            Known("region", region);
            Assert.True(region.GetProperty("startLine").GetInt32() >= 1);
            Assert.True(!region.TryGetProperty("startColumn", out var column) || column.GetInt32() >= 1);
        }
        if (!location.TryGetProperty("logicalLocations", out var logical))
            return;
        foreach (var each in logical.EnumerateArray())
        {
            Known("logicalLocation", each);
            Text(each.GetProperty("fullyQualifiedName"));
        }
    }

    private static void Known(string kind, JsonElement element)
    {
        Assert.Equal(JsonValueKind.Object, element.ValueKind);
        Assert.All(element.EnumerateObject(), property =>
        {
            Assert.Contains(property.Name, Properties[kind].Split(' '));
            Assert.NotEqual(JsonValueKind.Null, property.Value.ValueKind);
        });
    }

    private static void Text(JsonElement text) => Assert.NotEqual("", text.GetString());

    private static void Absolute(JsonElement uri) => Assert.True(Uri.IsWellFormedUriString(uri.GetString(), UriKind.Absolute), $"{uri} is no absolute URI.");

    private static void Level(JsonElement holder) => Assert.Contains(holder.GetProperty("level").GetString(), (string[])["none", "note", "warning", "error"]);
}
