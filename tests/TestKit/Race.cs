using Xunit;

namespace Claimed.TestKit;

/// <summary>Many requests at the same moment.</summary>
public static class Race
{
    /// <summary>Lets all racers, numbered from 0, start together; none of them may meet a fault of the registry.</summary>
    public static async Task<IReadOnlyList<Answer>> RunAsync(int racers, Func<int, Task<Answer>> run)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Enumerable.Range(0, racers).Select(async number =>
        {
            await start.Task;
            return await run(number);
        }).ToList();
        start.SetResult();
        var answers = await Task.WhenAll(running);
        Assert.All(answers, answer => Assert.True((int)answer.Status < 500, answer.Text));
        return answers;
    }

    /// <summary>How many of the answers have each status, such as <c>1×201 11×409</c>.</summary>
    public static string Statuses(this IReadOnlyList<Answer> answers) => string.Join(' ', answers.GroupBy(answer => (int)answer.Status)
        .OrderBy(group => group.Key).Select(group => $"{group.Count()}×{group.Key}"));
}
