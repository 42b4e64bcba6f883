using Claimed.Registry.Access;

namespace Claimed.Registry.Words;

/// <summary><c>keys</c>: makes the signing keys that several nodes share, once; those that are there stay.</summary>
public static class Keys
{
    public static Word Word { get; } = new("keys", "make the signing keys that are missing in Registry__KeysPath, or one more that signs from now on", RunAsync) { Options = ["--rotate", "--rotate-evidence"] };

    private static async Task<int> RunAsync(WordCall call)
    {
        await using var app = OneTime.Build(call);
        if (call.Options.ContainsKey("rotate"))
        {
            Console.WriteLine($"Made {app.Services.GetRequiredService<KeyFiles>().AddSigning()}. Give every node the file; what older keys have signed stays valid to its end.");
            return 0;
        }
        if (call.Options.ContainsKey("rotate-evidence"))
        {
            Console.WriteLine($"Made {app.Services.GetRequiredService<KeyFiles>().AddEvidence()}. Give every node the file; keep the older ones, whose public halves verify what they have signed.");
            return 0;
        }
        var made = app.Services.GetRequiredService<KeyFiles>().MakeMissing();
        Console.WriteLine(made.Count == 0 ? "All keys are there." : $"Made {string.Join(", ", made)}. Give every node the same files.");
        return 0;
    }
}
