using System.Text.RegularExpressions;

namespace Claimed.Components.Sources.Requirements;

/// <summary>What may be handed to a package manager. Everything outside is refused: it would reach a shell.</summary>
internal static partial class PackageGrammar
{
    private const int MaxLength = 500;

    public static bool Accepts(PackageManager manager, string package) => package.Length <= MaxLength && manager switch
    {
        PackageManager.Pip => Pip.IsMatch(package) || PipAddress.IsMatch(package),
        PackageManager.Apt => Apt.IsMatch(package),
        PackageManager.Dnf => Dnf.IsMatch(package),
        _ => Cran.IsMatch(package),
    };

    public static bool IsIndexAddress(string address) => address.Length <= MaxLength && IndexAddress.IsMatch(address);

    // PEP 508 by name: extras, versions, and a marker of comparisons.
    [GeneratedRegex(
        @"\A[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\s*\[[A-Za-z0-9._, -]*\])?\s*\(?((===|~=|==|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*(,\s*)?)*\)?(\s*;\s*[A-Za-z_]+\s*(==|!=|<=|>=|<|>|~=|in|not in)\s*(""[A-Za-z0-9._ -]*""|'[A-Za-z0-9._ -]*')(\s+(and|or)\s+[A-Za-z_]+\s*(==|!=|<=|>=|<|>|~=|in|not in)\s*(""[A-Za-z0-9._ -]*""|'[A-Za-z0-9._ -]*'))*)?\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pip { get; }

    // A direct address, without credentials, query or anything that a shell would act on.
    [GeneratedRegex(
        @"\A([A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._,-]*\])?\s*@\s*)?((git|hg|svn)\+)?https://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._~/%+=-]*(@[A-Za-z0-9._/-]+)?(\#(egg|subdirectory|sha256)=[A-Za-z0-9._/-]+)?\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PipAddress { get; }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?(=[A-Za-z0-9.+~:*-]+)?(/[a-z0-9-]+)?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Apt { get; }

    [GeneratedRegex(@"\A@?[A-Za-z0-9][A-Za-z0-9+._~:-]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Dnf { get; }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9.]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Cran { get; }

    [GeneratedRegex(@"\Ahttps?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/%+=-]*)?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex IndexAddress { get; }
}
