using System.Text.RegularExpressions;
using Claimed.Components.Sources.Requirements;

namespace Claimed.Components.Sources;

/// <summary>An install line as people write it in a comment, after <c>!</c> or <c>%</c>, or in a shell cell.</summary>
internal static partial class InstallCommand
{
    private const int MaxLength = 8 * 1024;

    /// <summary>True when the line begins with a command that installs packages.</summary>
    public static bool IsOne(string line)
    {
        if (line.Length > MaxLength)
            return false;
        if (Command.IsMatch(line) || Other.IsMatch(line))
            return true;
        var then = line.IndexOf("&&", StringComparison.Ordinal);
        return then > 0 && Update.IsMatch(line[..then]);
    }

    /// <summary>The requirements of the line; what cannot be taken over becomes a finding.</summary>
    /// <param name="isConditional">The line stands in a block of code, so that it may never run.</param>
    public static List<Requirement> Parse(string line, SourcePosition at, SourceFile main, Upload upload, bool isConditional)
    {
        var requirements = new List<Requirement>();
        foreach (var part in line.Split("&&", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Update.IsMatch(part))
                continue;
            if (Other.IsMatch(part))
            {
                upload.Findings.Add(Finding.Warning("requirement-manager-unknown", at,
                    "The line installs with a program that images are not built with.",
                    "Use pip, apt or dnf, or send a Dockerfile with a component.yaml."));
                continue;
            }

            var match = Command.Match(part);
            var words = match.Success ? CommandWords.Split(Redirection.Replace(part[match.Length..], "")) : null;
            if (words is null)
            {
                upload.Findings.Add(Finding.Error("requirement-refused", at, "The line mixes an install command with other shell commands.",
                    "Write install commands alone, one a line."));
                continue;
            }

            var manager = match.Groups["pip"].Success ? PackageManager.Pip : match.Groups["apt"].Success ? PackageManager.Apt : PackageManager.Dnf;
            requirements.AddRange(new RequirementWords(manager, at, main, upload, isConditional).Read(words));
        }

        return requirements;
    }

    // Options may stand before the word install: `apt-get -y install x`, `pip --quiet install x`.
    [GeneratedRegex(
        @"^\s*(RUN\s+|\$\s+)?(sudo\s+(-[A-Za-z]+\s+)?)?((?<pip>(((python|python3|\{sys\.executable\}|""\{sys\.executable\}"")(\.[0-9]+)?)\s+-m\s+)?(pip|pip3)(\.[0-9]+)?)|(?<apt>apt|apt-get)|(?<dnf>dnf|yum|microdnf))\s+((-y|-q|-qq|-qy|-yq|--yes|--quiet|--assumeyes)\s+)*install(\s+|$)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Command { get; }

    [GeneratedRegex(@"^\s*(sudo\s+)?(conda|mamba|micromamba|apk|npm|brew|poetry|uv|zypper)\s+((-y|-q|--yes|pip)\s+)*(install|add)\s+\S", RegexOptions.CultureInvariant)]
    private static partial Regex Other { get; }

    // What comes before and after in the files that images are made from.
    [GeneratedRegex(@"^\s*(sudo\s+)?(apt|apt-get|dnf|yum)\s+((-y|-q|-qq|-yq)\s+)*(update|makecache|clean(\s+all)?|autoclean|autoremove)(\s+(-y|-q|-qq|-yq))*\s*$|^\s*(sudo\s+)?rm\s+-rf\s+/var/lib/apt/lists/\*?\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Update { get; }

    // Where the output goes makes no difference to an image: `> install.log 2>&1`. Nothing of it reaches a shell.
    [GeneratedRegex(@"\s(&|[12])?>>?(&[12]|\s*[A-Za-z0-9._/-]+)(?=\s|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Redirection { get; }
}
