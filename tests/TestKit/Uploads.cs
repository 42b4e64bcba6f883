namespace Claimed.TestKit;

/// <summary>Publishing and reading in the words of the product.</summary>
public static class Uploads
{
    private const string Components = "/api/v1/components";

    /// <summary>Publishes files, <c>(path, text)</c>, as a version; null as the version lets the registry choose.</summary>
    public static Task<Answer> PublishAsync(
        this RegistryHost host, string space, string name, string? version, params ReadOnlySpan<(string Path, string Text)> files)
    {
        var upload = new Multipart();
        foreach (var (path, text) in files)
            upload.Source(path, text);
        return host.PublishAsync(space, name, version, upload);
    }

    public static Task<Answer> PublishAsync(this RegistryHost host, string space, string name, string? version, Multipart upload) =>
        version is null
            ? host.PostAsync($"{Components}/{space}/{name}/versions", upload)
            : host.Admin.SendAsync(HttpMethod.Put, $"{Components}/{space}/{name}/versions/{version}", upload.ToContent());

    /// <summary>Publishes a component whose image exists, so that it is ready at once.</summary>
    public static async Task<Answer> PublishReadyAsync(this RegistryHost host, string space, string name, string? version, string word = "word")
    {
        var answer = await host.PublishAsync(space, name, version, ("component.yaml", Samples.ExistingImage(word)));
        return answer["state"] == "ready" ? answer : throw new InvalidOperationException($"{space}/{name} did not become ready: {answer.Text}");
    }

    public static Task<Answer> PostAsync(this RegistryHost host, string path, Multipart? upload = null) =>
        host.Admin.SendAsync(HttpMethod.Post, path, upload?.ToContent());

    /// <summary>Reads a path without a token; <paramref name="headers"/> as name and value.</summary>
    public static Task<Answer> GetAsync(this RegistryHost host, string path, params (string Name, string Value)[] headers) =>
        host.Anonymous.SendAsync(HttpMethod.Get, path, null, headers);

    /// <summary>Reads below <c>/api/v1/components</c>.</summary>
    public static Task<Answer> ComponentAsync(this RegistryHost host, string path, params (string Name, string Value)[] headers) =>
        host.GetAsync($"{Components}/{path}", headers);

    public static async Task<Answer> SendAsync(
        this HttpClient client, HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Answer.ReadAsync(await client.SendAsync(request));
    }

    /// <summary>Asks again until the answer is right; the registry changes by itself only where builds are concerned.</summary>
    public static Task<Answer> UntilAsync(this RegistryHost host, string path, Func<Answer, bool> isRight) => host.Anonymous.UntilAsync(path, isRight);

    /// <summary>The same for whoever the client is.</summary>
    public static async Task<Answer> UntilAsync(this HttpClient client, string path, Func<Answer, bool> isRight)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        Answer answer;
        while (!isRight(answer = await client.SendAsync(HttpMethod.Get, path)))
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{path} stayed as it was: {answer.Text}");
            await timer.WaitForNextTickAsync();
        }
        return answer;
    }
}
