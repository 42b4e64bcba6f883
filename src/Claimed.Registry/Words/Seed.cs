using Claimed.Registry.Publish;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary><c>seed</c>: publishes a folder of components into the namespace <c>claimed</c>, as a start does; a serving registry then builds them.</summary>
public static class Seed
{
    public static Word Word { get; } = new("seed", "publish a folder of components (default: Registry__Seed) into the namespace claimed", RunAsync) { TakesArgument = true };

    private static async Task<int> RunAsync(WordCall call)
    {
        await using var app = OneTime.Build(call);
        var options = app.Services.GetRequiredService<IOptions<RegistryOptions>>().Value;
        if ((call.Argument ?? options.Seed) is not { Length: > 0 } folder)
            throw new OptionsValidationException("Seed", typeof(RegistryOptions), ["Name the folder: seed components, or set Registry__Seed."]);
        if (!Directory.Exists(folder))
            throw new OptionsValidationException("Seed", typeof(RegistryOptions), [$"\"{folder}\" is not a folder."]);
        if (!await OneTime.HasSchemaAsync(app))
            return 1;
        var refused = 0;
        await foreach (var seeded in app.Services.GetRequiredService<Library>().PublishAsync(folder, options.SeedBuilds, CancellationToken.None))
        {
            Console.WriteLine(seeded.Refusal is null ? $"{seeded.Name} {seeded.Version}{(seeded.IsNew ? "" : ", known already")}" : $"{seeded.Name} was refused: {seeded.Refusal} {seeded.Fault?.GetBaseException().Message}".TrimEnd());
            refused += seeded.Refusal is null ? 0 : 1;
        }
        return refused == 0 ? 0 : 1;
    }
}
