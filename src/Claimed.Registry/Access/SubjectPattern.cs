using System.Diagnostics.CodeAnalysis;
using Claimed.Components;

namespace Claimed.Registry.Access;

/// <summary>
/// Where a token or a trust rule holds: everywhere (<c>*</c>), in a namespace (<c>acme/*</c>), for one component (<c>acme/filter-csv</c>) or
/// for those whose names begin so (<c>acme/filter-*</c>). A repository of images counts as its namespace and the rest of its name.
/// </summary>
public sealed record SubjectPattern
{
    public const string Rule = "*, namespace/*, namespace/name or namespace/prefix*";

    /// <summary>Everywhere.</summary>
    public static readonly SubjectPattern All = new(null, "");

    private readonly bool _isPrefix;
    private readonly string _name;

    private SubjectPattern(string? space, string name)
    {
        Namespace = space;
        _isPrefix = space is null || name.EndsWith('*');
        _name = _isPrefix ? name.TrimEnd('*') : name;
    }

    /// <summary>The one namespace it is about; null for everywhere.</summary>
    public string? Namespace { get; }

    public static bool TryParse(string text, [NotNullWhen(true)] out SubjectPattern? pattern)
    {
        pattern = null;
        if (text == "*")
        {
            pattern = All;
            return true;
        }
        if (text.Split('/') is not [var space, var name] || !ComponentName.IsNamespace(space))
            return false;
        var isPrefix = name.EndsWith('*');
        var stem = isPrefix ? name[..^1] : name;
        // "filter-" is no name, but "filter-x" would be one.
        if (isPrefix ? stem.Length > 0 && !ComponentName.IsName(stem) && !ComponentName.IsName(stem + "x") : !ComponentName.IsName(stem))
            return false;
        pattern = new SubjectPattern(space, name);
        return true;
    }

    /// <summary>Whether anything in the namespace is covered.</summary>
    public bool Touches(string space) => Namespace is null || Namespace == space;

    /// <summary>Whether a component (or repository) is covered; with null the namespace itself, which only a pattern over all of it covers.</summary>
    public bool Covers(string space, string? name)
    {
        if (Namespace is null)
            return true;
        if (Namespace != space)
            return false;
        if (name is null)
            return _isPrefix && _name.Length == 0;
        return _isPrefix ? name.StartsWith(_name, StringComparison.Ordinal) : name == _name;
    }

    /// <summary>Whether everything this covers is covered by the other, too.</summary>
    public bool IsWithin(SubjectPattern other)
    {
        if (other.Namespace is null)
            return true;
        if (Namespace != other.Namespace)
            return false;
        if (!other._isPrefix)
            return !_isPrefix && _name == other._name;
        return _name.StartsWith(other._name, StringComparison.Ordinal);
    }

    public override string ToString() => Namespace is null ? "*" : $"{Namespace}/{_name}{(_isPrefix ? "*" : "")}";
}
