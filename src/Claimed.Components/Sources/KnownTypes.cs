namespace Claimed.Components.Sources;

/// <summary>The many spellings of the types that pass values.</summary>
internal static class KnownTypes
{
    /// <summary>The name that <see cref="PortTypes"/> has for a type; any other name stays as it is.</summary>
    public static string Normalised(string type) => type.Trim().ToLowerInvariant() switch
    {
        "string" or "str" or "text" => PortTypes.String,
        "integer" or "int" => PortTypes.Integer,
        "float" or "double" => PortTypes.Float,
        "boolean" or "bool" => PortTypes.Boolean,
        "jsonobject" or "dict" => PortTypes.JsonObject,
        "jsonarray" or "list" => PortTypes.JsonArray,
        var other when other.IndexOf('[') is > 0 and var bracket && other[..bracket] is "list" or "typing.list" => PortTypes.JsonArray,
        var other when other.IndexOf('[') is > 0 and var bracket && other[..bracket] is "dict" or "typing.dict" => PortTypes.JsonObject,
        _ => type.Trim(),
    };
}
