using Claimed.Registry.Storage;
using Microsoft.Extensions.Logging.Console;

namespace Claimed.Registry.Words;

/// <summary>The registry put together for a word that does one thing and ends: nothing listens, nothing runs in the background.</summary>
internal static class OneTime
{
    public static WebApplication Build(WordCall call) =>
        // Standard output is for what the word found; the log goes to the other one, and only what is wrong.
        RegistryApp.Build(["--Logging:LogLevel:Default=Warning", .. call.Settings],
            builder => builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

    /// <summary>False, with a sentence for the user, when the database is not one of this program.</summary>
    public static async Task<bool> HasSchemaAsync(WebApplication app)
    {
        if (!await app.Services.GetRequiredService<SchemaUpdate>().IsBehindAsync(CancellationToken.None))
            return true;
        await Console.Error.WriteLineAsync("The database has no schema or an older one: run the word migrate first.");
        return false;
    }
}
