using Claimed.Registry.Storage;

namespace Claimed.Registry.Words;

/// <summary><c>migrate</c>: brings the database to this program's schema. On PostgreSQL nothing else does.</summary>
public static class Migrate
{
    public static Word Word { get; } = new("migrate", "bring the database to this program's schema", RunAsync);

    private static async Task<int> RunAsync(WordCall call)
    {
        await using var app = OneTime.Build(call);
        var schema = app.Services.GetRequiredService<SchemaUpdate>();
        using var held = DataLock.TakeWhereNeeded(app.Services);
        if (held is null)
        {
            if (!await schema.IsBehindAsync(CancellationToken.None))
                return UpToDate();
            await Console.Error.WriteLineAsync("A registry uses this data folder. Stop it: it brings the schema up to date itself when it starts.");
            return 1;
        }
        await schema.ApplyAsync(CancellationToken.None);
        return UpToDate();
    }

    private static int UpToDate()
    {
        Console.WriteLine("The schema is up to date.");
        return 0;
    }
}
