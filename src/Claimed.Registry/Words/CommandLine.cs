using System.Data.Common;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary>Finds the word that the command line begins with, and runs it; without one the program serves.</summary>
public static class CommandLine
{
    private static readonly Word[] Words = [Serving.Serve, Serving.Web, Serving.Build, Migrate.Word, Keys.Word, Seed.Word, Gc.Word, Scrub.Word, Rerender.Word];

    public static async Task<int> RunAsync(string[] args)
    {
        var named = args is [var first, ..] && !first.StartsWith('-');
        var rest = named ? args[1..] : args;
        if (rest.Any(arg => arg is "--help" or "-h") || (named && args[0] == "help"))
        {
            Console.WriteLine(Help());
            return 0;
        }
        var name = named ? args[0] : Serving.Serve.Name;
        if (Array.Find(Words, word => word.Name == name) is not { } found)
            return await RefuseAsync($"\"{name}\" is no word of this program.{Environment.NewLine}{Help()}");
        try
        {
            return Read(found, rest, out var call) is { } wrong ? await RefuseAsync(wrong) : await found.RunAsync(call);
        }
        catch (OptionsValidationException wrong)
        {
            return await RefuseAsync(string.Join(Environment.NewLine, wrong.Failures));
        }
        catch (DbException fault) when (name != Serving.Serve.Name)
        {
            await Console.Error.WriteLineAsync($"The database failed: {fault.GetBaseException().Message}");
            return 1;
        }
    }

    /// <summary>Why the arguments cannot be used, or null with the call.</summary>
    private static string? Read(Word word, string[] args, out WordCall call)
    {
        var settings = new List<string>();
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        string? argument = null;
        call = new WordCall([], options, null);
        foreach (var arg in args)
        {
            var parts = arg.Split('=', 2);
            if (word.Options.FirstOrDefault(option => option.Split('=')[0] == parts[0]) is { } known)
            {
                if (known.Contains('=') != (parts.Length == 2))
                    return $"Write {known}.";
                options[parts[0][2..]] = parts.Length == 2 ? parts[1] : "";
            }
            else if (parts.Length == 2 && (IsHostSetting(parts[0]) || (arg.StartsWith("--", StringComparison.Ordinal) && parts[0].Contains(':'))))
            {
                settings.Add(arg);
            }
            else if (word.TakesArgument && argument is null && !arg.StartsWith('-'))
            {
                argument = arg;
            }
            else
            {
                return $"{word.Name} cannot use \"{arg}\". Settings are written --Registry:DataPath=data.{(word.Options.Count == 0 ? "" : $" Its options: {string.Join(' ', word.Options)}")}";
            }
        }
        call = new WordCall([.. settings], options, argument);
        return null;
    }

    // Those of the host and of OpenTelemetry have no section.
    private static bool IsHostSetting(string name) => name is "--urls" or "--environment" || name.StartsWith("--OTEL_", StringComparison.Ordinal);

    private static string Help() => string.Join(Environment.NewLine,
    [
        "Claimed.Registry [WORD] [--Setting:Name=value …]", "",
        .. Words.Select(word => $"  {word.Name,-10} {word.Summary}{(word.Options.Count == 0 ? "" : $" ({string.Join(' ', word.Options)})")}"), "",
        "Without a word it serves. docs/operations.md has the settings.",
    ]);

    private static async Task<int> RefuseAsync(string why)
    {
        await Console.Error.WriteLineAsync(why);
        return 2;
    }
}
