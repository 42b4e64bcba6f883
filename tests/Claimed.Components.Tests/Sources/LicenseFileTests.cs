using Xunit;

namespace Claimed.Components.Tests.Sources;

public sealed class LicenseFileTests
{
    [Theory]
    [InlineData("                                 Apache License\n                           Version 2.0, January 2004\n", "Apache-2.0")]
    [InlineData("MIT License\n\nCopyright (c) 2024 X\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\nof this software\n\nTHE SOFTWARE IS PROVIDED \"AS IS\"", "MIT")]
    [InlineData("Copyright\nRedistribution and use in source and binary forms, with or without\nNeither the name of X may be used to endorse or promote products derived from this\nsoftware", "BSD-3-Clause")]
    [InlineData("BSD 2-Clause License\n\nRedistribution and use in source and binary forms, with or without modification", "BSD-2-Clause")]
    [InlineData("  GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007\n … GNU Affero General Public License … Lesser", "GPL-3.0-only")]
    [InlineData("GNU GENERAL PUBLIC LICENSE\nVersion 2, June 1991", "GPL-2.0-only")]
    [InlineData("GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007\n\n GNU General Public License", "LGPL-3.0-only")]
    [InlineData("GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999", "LGPL-2.1-only")]
    [InlineData("GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3", "AGPL-3.0-only")]
    [InlineData("Mozilla Public License Version 2.0\n==================================", "MPL-2.0")]
    [InlineData("# ISC License\nPermission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice", "ISC")]
    [InlineData("This is free and unencumbered software released into the public domain.", "Unlicense")]
    [InlineData("All rights reserved.", null)]
    public void A_licence_is_known_by_its_text(string text, string? license) => Assert.Equal(license, Reading.Of(("x.py", "x = 1"), ("LICENSE", text)).Definition!.License);

    [Fact]
    public void What_the_source_says_itself_wins_over_the_file() =>
        Assert.Equal("MIT", Reading.Of(("x.py", "# claimed: license=MIT\nx = 1"), ("LICENSE.txt", "Apache License Version 2.0")).Definition!.License);

    [Fact]
    public void A_component_yaml_gets_the_licence_of_its_folder_too() =>
        Assert.Equal("Apache-2.0", Reading.Of(("component.yaml", "name: x\nimplementation: {container: {image: a:1, command: [a]}}"), ("LICENSE", "Apache License Version 2.0")).Definition!.License);
}
