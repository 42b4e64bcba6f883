using Xunit;

namespace Claimed.Components.Tests.Sources;

/// <summary>What the first comments of a script in R or for a shell are about.</summary>
public sealed class LeadingCommentTests
{
    private const string R = "x <- Sys.getenv('x', '1')\n";
    private const string Shell = "x=${x:-1}\n";

    public static TheoryData<string, string, string?> Heads => new()
    {
        { "# About it.\n", "About it.", null },
        { "#!/bin/sh\n# About it.\n", "About it.", null },
        { "# About it.\n\n# the x\n", "About it.", "the x" },
        { "#!/bin/sh\n\n# About it.\n# More.\n\n# the x\n", "About it.\nMore.", "the x" },
        { "# About it.\n# claimed: category=Input\n# the x\n", "About it.", "the x" },
        { "# About it.\n# apt-get install -y curl\n# the x\n", "About it.", "the x" },
        { "# claimed: category=Input\n\n# About it.\n\n# the x\n", "About it.", "the x" },
        { "# About it.\n# @param x the x\n#   that counts\n", "About it.", "the x that counts" },
        { "# Copyright 2026 Acme\n# Licensed under the Apache License\n\n# About it.\n", "About it.", null },
        { "# SPDX-License-Identifier: MIT\n\n# About it.\n", "About it.", null },
        { "# shellcheck disable=SC2034\n# About it.\n", "About it.", null },
        { "# About it. ------\n# -------\n", "About it.", null },
        { "y_y <- 1; # not about it\n# the x\n", "", "the x" },
    };

    [Theory]
    [MemberData(nameof(Heads))]
    public void The_first_block_describes_the_script_and_no_port(string head, string description, string? port)
    {
        var shell = head.Replace("y_y <- 1;", "y_y=1;", StringComparison.Ordinal);
        foreach (var component in new[] { Reading.Sound(head + R, "x.R"), Reading.Sound(shell + Shell, "x.sh") })
            Assert.Equal((description, port), (component.Description, component.Input("x").Description));
    }

    [Fact]
    public void A_comment_above_the_first_read_in_python_is_about_the_port()
    {
        var component = Reading.Sound("# the x\nx = os.environ.get('x', '1')\n");
        Assert.Equal(("", "the x"), (component.Description, component.Input("x").Description));
    }
}
