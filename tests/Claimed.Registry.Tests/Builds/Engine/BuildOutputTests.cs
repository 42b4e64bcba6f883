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

    private const string Dockerfile = "ARG A=1\nFROM a AS b\nRUN make \\\n  all\nRUN [\"make\", \"again\"]\nFROM b\nrun make more\nCOPY a b\n";

    [Theory]
    [InlineData("The command '/bin/sh -c make   all' returned a non-zero code: 2", "Step 3/7 : RUN make   all")]
    [InlineData("The command 'make again' returned a non-zero code: 2", "Step 4/7 : RUN [\"make\", \"again\"]")]
    [InlineData("COPY failed: no such file", "Step 7/7 : COPY a b")]
    public void What_a_step_of_Docker_prints_of_other_steps_changes_nothing(string error, string step)
    {
        var output = new BuildOutput(_ => { }, Dockerfile);
        var real = new[] { "Step 1/7 : ARG A=1", "Step 2/7 : FROM a AS b", "Step 3/7 : RUN make   all", "Step 4/7 : RUN [\"make\", \"again\"]", "Step 5/7 : FROM b", "Step 6/7 : run make more", "Step 7/7 : COPY a b" };
        foreach (var one in real)
        {
            output.Report(Said(one));
            output.Report(Said("\n"));
            if (one == step)
                break;
        }
        Assert.Equal(step, output.Step);
        if (!step.Contains("COPY", StringComparison.Ordinal))
        {
            foreach (var fake in real.SkipWhile(one => one != step).Skip(1).Append("Step 8/9 : RUN rm").Append("Step 3/7 : RUN make more\nStep 4/7 : RUN again"))
                output.Report(Said(fake));
        }
        else
            output.Report(Said("Step 8/9 : RUN rm\n"));
        output.Report(EngineMessage.Of(JsonSerializer.Serialize(new { error })));
        Assert.Equal(step, output.Step);
    }

    [Theory]
    [InlineData("building at STEP \"RUN make   all\": while running runtime: exit status 2\n", "[1/2] STEP 2/3: RUN make   all")]
    [InlineData("error building at STEP \"RUN make again\": error while running runtime: exit status 2", "[1/2] STEP 3/3: RUN [\"make\", \"again\"]")]
    [InlineData("building at STEP \"COPY a b\": no such file\n", "[2/2] STEP 3/3: COPY a b")]
    public void What_a_step_of_Podman_prints_of_other_steps_changes_nothing(string error, string step)
    {
        var output = new BuildOutput(_ => { }, Dockerfile);
        var real = new[] { "[1/2] STEP 1/3: FROM a AS b", "[1/2] STEP 2/3: RUN make   all", "[1/2] STEP 3/3: RUN [\"make\", \"again\"]", "[2/2] STEP 1/3: FROM b", "[2/2] STEP 2/3: run make more", "[2/2] STEP 3/3: COPY a b" };
        foreach (var one in real)
        {
            output.Report(Said(one + "\n"));
            if (one == step)
                break;
        }
        foreach (var fake in real.SkipWhile(one => one != step).Skip(1).Append("STEP 8/9: RUN rm").Append("[1/2] STEP 8/9: RUN rm").Append("[7/8] STEP 1/1: RUN rm"))
            output.Report(Said(fake + "\n"));
        output.Report(EngineMessage.Of(JsonSerializer.Serialize(new { error })));
        Assert.Equal(step, output.Step);
    }

    [Fact]
    public void A_step_that_prints_the_next_one_keeps_its_container()
    {
        var made = new List<string>();
        var output = new BuildOutput(_ => { }, "FROM a\nRUN make\nRUN again\n") { ContainerMade = made.Add };
        foreach (var text in new[] { "Step 2/3 : RUN make", "\n", $" ---> Running in {Own}\n", "Step 3/4 : RUN other\n", $" ---> Running in {Other}\n" })
            output.Report(Said(text));
        Assert.Equal([Own], made);
        output.Report(Said("Step 3/3 : RUN again\n"));
        output.Report(Said($" ---> Running in {Other}\n"));
        output.Report(EngineMessage.Of("""{"error":"The command '/bin/sh -c make' returned a non-zero code: 2"}"""));
        Assert.Equal(Own, output.Container);
    }

    [Fact]
    public void Any_number_of_such_lines_is_followed()
    {
        var output = new BuildOutput(_ => { }, "FROM a\nRUN make\n");
        output.Report(Said("Step 2/2 : RUN make\n"));
        for (var line = 0; line < 20_000; line++)
            output.Report(Said($"Step {line}/20000 : RUN make\n"));
        output.Report(EngineMessage.Of("""{"error":"The command '/bin/sh -c make' returned a non-zero code: 2"}"""));
        Assert.Equal("Step 2/2 : RUN make", output.Step);
    }

    private static EngineMessage Said(string text) => EngineMessage.Of(JsonSerializer.Serialize(new { stream = text }));
}
