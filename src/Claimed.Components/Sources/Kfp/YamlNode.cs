using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Claimed.Components.Sources.Python;

namespace Claimed.Components.Sources.Kfp;

/// <summary>A node of a YAML document and where it begins.</summary>
internal abstract record YamlNode(SourcePosition Position)
{
    /// <summary>The same value as JSON. Recursion ends with the depth that <see cref="YamlTree"/> allows.</summary>
    public abstract JsonNode? ToJson();
}

internal sealed record YamlSequence(IReadOnlyList<YamlNode> Items, SourcePosition Position) : YamlNode(Position)
{
    public override JsonNode ToJson() => new JsonArray([.. Items.Select(item => item.ToJson())]);
}

internal sealed record YamlMapping(IReadOnlyList<KeyValuePair<YamlScalar, YamlNode>> Entries, SourcePosition Position) : YamlNode(Position)
{
    public YamlNode? this[string key] => Entries.FirstOrDefault(entry => entry.Key.Value == key).Value;

    public override JsonNode ToJson()
    {
        var json = new JsonObject();
        foreach (var (key, value) in Entries)
            json[key.Value] = value.ToJson();
        return json;
    }
}

/// <summary>What YAML 1.1, which Python's readers speak, makes of a scalar.</summary>
internal enum YamlKind
{
    Text,
    Nothing,
    Truth,
    Whole,
    Real,
    Time,
}

/// <param name="Value">As written, without quotes.</param>
/// <param name="IsPlain">True without quotes and block signs: then the text may mean a number or a boolean.</param>
internal sealed partial record YamlScalar(string Value, bool IsPlain, SourcePosition Position) : YamlNode(Position)
{
    public YamlKind Kind => !IsPlain ? YamlKind.Text : Value switch
    {
        "" or "~" or "null" or "Null" or "NULL" => YamlKind.Nothing,
        _ when Value.Length > 400 => YamlKind.Text,
        _ when Truth.IsMatch(Value) => YamlKind.Truth,
        _ when Whole.IsMatch(Value) => YamlKind.Whole,
        _ when Real.IsMatch(Value) => YamlKind.Real,
        _ when Time.IsMatch(Value) => YamlKind.Time,
        _ => YamlKind.Text,
    };

    public bool IsNothing => Kind == YamlKind.Nothing;

    /// <summary>The text that Python makes of the value: <c>yes</c> is True, <c>010</c> is 8.</summary>
    public string Text => Kind switch
    {
        YamlKind.Truth => Value.ToLowerInvariant() is "yes" or "true" or "on" ? "True" : "False",
        YamlKind.Whole => Number(Value.Replace("_", "")).ToString(CultureInfo.InvariantCulture),
        YamlKind.Real => double.TryParse(Value.Replace("_", ""), NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
            ? new PythonValue.Real(real).AsText()
            : Value,
        _ => Value,
    };

    public override JsonNode? ToJson() => Kind switch
    {
        YamlKind.Nothing => null,
        YamlKind.Truth => JsonValue.Create(Text == "True"),
        YamlKind.Whole or YamlKind.Real when DefaultText.JsonKind(Text) == System.Text.Json.JsonValueKind.Number => JsonNode.Parse(Text),
        _ => JsonValue.Create(Value),
    };

    private static BigInteger Number(string text)
    {
        var negative = text.StartsWith('-');
        var digits = text.TrimStart('+', '-');
        BigInteger value;
        if (digits.StartsWith("0x", StringComparison.Ordinal))
            value = BigInteger.Parse("0" + digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        else if (digits.StartsWith("0b", StringComparison.Ordinal))
            value = BigInteger.Parse("0" + digits[2..], NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture);
        else if (digits.Contains(':'))
            value = digits.Split(':').Aggregate(BigInteger.Zero, (sum, part) => (sum * 60) + BigInteger.Parse(part, CultureInfo.InvariantCulture));
        else if (digits.Length > 1 && digits[0] == '0')
            value = digits.Aggregate(BigInteger.Zero, (sum, digit) => (sum * 8) + (digit - '0'));
        else
            value = BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        return negative ? -value : value;
    }

    [GeneratedRegex(@"\A(yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Truth { get; }

    [GeneratedRegex(@"\A[-+]?(0b_*[01][01_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|0[0-7_]*|[1-9][0-9_]*(:[0-5]?[0-9])*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole { get; }

    [GeneratedRegex(@"\A([-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|[-+]?\.[0-9][0-9_]*([eE][-+][0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Real { get; }

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}.*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Time { get; }
}
