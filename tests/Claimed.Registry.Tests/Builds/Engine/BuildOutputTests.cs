using System.Text.Json;
using Claimed.Registry.Builds.Engine;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Engine;

/// <summary>What a step prints is not taken for what its engine says.</summary>
[Trait("Database", "any")]
public sealed class BuildOutputTests
{
    private const string Own = "0123456789ab";
    private const string Other = "ba9876543210";

    [Fact]
    public void Only_the_engine_names_the_container_of_a_step()
    {
        var made = new List<string>();
        var output = new BuildOutput(_ => { }) { ContainerMade = made.Add };
        foreach (var text in new[] { $" ---> Running in {Other}\n", "Step 1/2 : RUN make\n", " ---> [Warning] another platform\n", $" ---> Running in {Own}\n", $" ---> Running in {Other}\n" })
            output.Report(Said(text));
        Assert.Equal([Own], made);
        Assert.Equal(Own, output.Container);
        output.Report(Said("Step 2/2 : RUN make install\n"));
        output.Report(Said($" ---> Running in {Other}\n"));
        Assert.Equal([Own, Other], made);
    }

    [Fact]
    public void A_step_of_an_impossible_number_is_not_announced()
    {
        var output = new BuildOutput(_ => { });
        output.Report(Said("Step 1/2 : RUN make\n"));
        output.Report(Said("Step 99999999999/1 : RUN make\n"));
        output.Report(Said("STEP 1/99999999999: RUN make\n"));
        Assert.Equal("Step 1/2 : RUN make", output.Step);
    }

    [Fact]
    public void Podman_announces_steps_of_several_stages_with_the_stage_before_them()
    {
        var output = new BuildOutput(_ => { });
        output.Report(Said("[2/2] STEP 3/3: RUN make\n"));
        Assert.Equal("[2/2] STEP 3/3: RUN make", output.Step);
        Assert.Equal("RUN make", output.Failed(false)!.Instruction);
    }

    private static EngineMessage Said(string text) => EngineMessage.Of(JsonSerializer.Serialize(new { stream = text }));
}
