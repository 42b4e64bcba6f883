using System.Data.Common;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary>Finds the word that the command line begins with, and runs it; without one the program serves.</summary>
public static class CommandLine
{
    private static readonly Word[] Words = [Serving.Serve, Serving.Web, Serving.Build, Migrate.Word, Keys.Word, Seed.Word, Gc.Word, Scrub.Word, Rerender.Word, Exporting.Word, Mirror.Word];

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
        Storage.Posix.KeepFilesToOneself();
        WordCall? call = null;
        try
        {
            return Read(found, rest, out call) is { } wrong ? await RefuseAsync(wrong) : await found.RunAsync(call);
        }
        catch (Exception wrong) when (FailuresOf(wrong) is { Count: > 0 } failures)
        {
            return await RefuseAsync(string.Join(Environment.NewLine, failures));
        }
        catch (Exception full) when (call is not null && StorageFaults.IsFull(full))
        {
            await Console.Error.WriteLineAsync(WhereIsFull(call, full));
            return 1;
        }
        catch (BlobStoreAwayException away)
        {
            await Console.Error.WriteLineAsync(away.Message);
            return 1;
        }
        catch (DbException fault)
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
        for (var index = 0; index < args.Length; index++)
        {
            var arg = args[index];
            var parts = arg.Split('=', 2);
            if (word.Options.FirstOrDefault(option => option.Split('=')[0] == parts[0]) is { } known)
            {
                // Also with a blank between, as many write it.
                if (parts.Length == 1 && known.Contains('=') && index + 1 < args.Length && !args[index + 1].StartsWith('-'))
                    parts = [parts[0], args[++index]];
                if (known.Contains('=') != (parts.Length == 2))
                    return $"Write {known}.";
                var value = parts.Length == 2 ? parts[1] : "";
                options[parts[0][2..]] = options.TryGetValue(parts[0][2..], out var earlier) && value.Length > 0 ? $"{earlier},{value}" : value;
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

    /// <summary>What is wrong with the settings, if that is what ended the run: each sentence once, also where settings of several kinds depend on a wrong one.</summary>
    private static IReadOnlyList<string> FailuresOf(Exception fault) => fault switch
    {
        OptionsValidationException one => [.. one.Failures],
        AggregateException many when many.InnerExceptions.All(inner => inner is OptionsValidationException) => [.. many.InnerExceptions.SelectMany(FailuresOf).Distinct()],
        _ => [],
    };

    /// <summary>What is full and how to go on, in one line.</summary>
    private static string WhereIsFull(WordCall call, Exception full)
    {
        var services = RegistryApp.Build(call.Settings).Services;
        if (full.GetBaseException() is DbException && !services.GetRequiredService<IOptions<DatabaseOptions>>().Value.IsSqlite)
            return $"The database server has no space left ({full.GetBaseException().Message}): make room on its disk, then start again.";
        var data = Path.GetFullPath(services.GetRequiredService<IOptions<RegistryOptions>>().Value.DataPath);
        return $"No space is left on the disk of the data folder {data}: make room there, or set Registry__DataPath to a folder on another disk, then start again.";
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
