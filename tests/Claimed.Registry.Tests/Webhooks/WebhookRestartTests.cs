using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Webhooks;

/// <summary>The program, killed again and again while it delivers.</summary>
[Trait("Database", "own")]
public sealed class WebhookRestartTests
{
    [Fact]
    public async Task Kills_in_the_middle_lose_no_event_and_keep_the_order()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var program = await RegistryProcess.StartAsync(HookedRegistry.Quick);
        await program.Admin.SendAsync(HttpMethod.Put, "/api/v1/namespaces/restless");
        await program.Admin.HookAsync("restless", receiver.Url);
        for (var round = 1; round <= 3; round++)
        {
            var before = receiver.All.Count;
            var killed = new TaskCompletionSource();
            // The last one is on its way, answered or not, when the program ends.
            receiver.Answer = async (context, _) =>
            {
                if (receiver.All.Count == before + 3)
                {
                    program.Kill();
                    killed.SetResult();
                }
                await Task.Yield();
                context.Response.StatusCode = 200;
            };
            for (var number = 1; number <= 4 && program.IsRunning; number++)
                await TryPublishAsync(program, $"{round}.{number}.0");
            await killed.Task.WaitAsync(TimeSpan.FromSeconds(30));
            receiver.Answer = (_, _) => Task.CompletedTask;
            await program.StartAsync();
        }
        var events = await program.Anonymous.SendAsync(HttpMethod.Get, "/api/v1/events?limit=500");
        var expected = events.Items.Where(told => told.Text("subject") == "restless/greet" && told.Text("kind") is "version.published" or "version.ready")
            .Select(told => told.GetProperty("serial").GetInt64()).ToList();
        Assert.True(expected.Count >= 6);
        var all = await receiver.UntilAsync(told => told.Any(one => one.Serial == expected[^1]));
        Assert.Equal(expected, all.Select(one => one.Serial).Distinct());
    }

    private static async Task TryPublishAsync(RegistryProcess program, string version)
    {
        try
        {
            var answer = await program.Admin.SendAsync(HttpMethod.Put, $"/api/v1/components/restless/greet/versions/{version}",
                new Multipart().Source("component.yaml", Samples.ExistingImage($"word {version}")).ToContent());
            Assert.Equal(HttpStatusCode.Created, answer.Status);
        }
        catch (HttpRequestException)
        {
            // It was killed.
        }
    }
}
