using Claimed.Components.Renditions;
using Claimed.Registry.Builds;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Microsoft.Extensions.Options;

namespace Claimed.Registry.Words;

/// <summary><c>rerender</c>: renders the forms of ready versions with this program's renderers; bytes that differ become a new revision.</summary>
public static class Rerender
{
    private const string Form = "form";
    private const string Host = "host";

    public static Word Word { get; } = new("rerender", "render the forms of ready versions anew", RunAsync) { Options = [$"--{Form}=component.yaml", $"--{Host}"] };

    private static async Task<int> RunAsync(WordCall call)
    {
        await using var app = OneTime.Build(call);
        var form = call.Options.GetValueOrDefault(Form);
        if (form is not null && !RenditionForm.Kept.Contains(form, StringComparer.Ordinal))
            throw new OptionsValidationException(Form, typeof(Rerender), [$"--{Form} is \"{form}\": use one of {string.Join(", ", RenditionForm.Kept)}."]);
        if (!await OneTime.HasSchemaAsync(app))
            return 1;
        var withHost = call.Options.ContainsKey(Host);
        var configured = app.Services.GetRequiredService<RegistryUrls>().Base;
        if (!withHost && await RecordedAsync(app.Services) is { } recorded && recorded != configured)
        {
            await Console.Error.WriteLineAsync($"The forms name this registry {recorded}, but Registry__PublicUrl is {configured}. Add --{Host} to change that, or set it back.");
            return 1;
        }
        var done = await app.Services.GetRequiredService<Rerendering>().RunAsync(form, withHost, CancellationToken.None);
        Console.WriteLine($"{done.Versions} ready versions: {done.Revisions} new revisions of forms, {done.Restored} lost forms restored.");
        foreach (var lost in done.Unrestored)
            Console.WriteLine($"Lost, and not to be made again: {lost}");
        return done.Unrestored.Count == 0 ? 0 : 1;
    }

    private static async Task<string?> RecordedAsync(IServiceProvider services)
    {
        try
        {
            return await services.GetRequiredService<PublicHost>().RecordedAsync(CancellationToken.None);
        }
        catch (BlobLostException)
        {
            // What is lost cannot say; rendering brings it back.
            return null;
        }
    }
}
