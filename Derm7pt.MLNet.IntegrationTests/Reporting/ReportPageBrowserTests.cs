using System.Globalization;
using Derm7pt.MLNet.Interpretation;
using Derm7pt.MLNet.Tests.Reporting;
using Microsoft.Playwright;

namespace Derm7pt.MLNet.IntegrationTests.Reporting;

/// <summary>Tests the report page in a browser.</summary>
[TestClass]
[TestCategory("Browser")]
public sealed class ReportPageBrowserTests
{
    private static Browser? _browser;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task Start(TestContext context) => _browser = await Browser.StartAsync();

    [ClassCleanup]
    public static async Task Stop()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
    }

    [TestMethod]
    [DataRow(1280, 900, ColorScheme.Light)]
    [DataRow(1280, 900, ColorScheme.Dark)]
    [DataRow(390, 844, ColorScheme.Light)]
    [DataRow(390, 844, ColorScheme.Dark)]
    public async Task Page_OnDesktopAndPhone_RendersWithoutComplaintsAndFits(int width, int height, ColorScheme colors)
    {
        OpenPage open = await OpenAsync(width, height, colors);
        foreach (ILocator details in await open.Page.Locator("details > summary").AllAsync())
            await details.ClickAsync();

        int overflow = await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        string screenshot = Path.Combine(TestContext.TestRunResultsDirectory ?? Path.GetTempPath(), $"report-{width}-{colors}.png");
        await open.Page.ScreenshotAsync(new PageScreenshotOptions { Path = screenshot, FullPage = true });
        TestContext.AddResultFile(screenshot);

        Assert.AreEqual(0, overflow, "the page scrolls sideways");
        Assert.AreEqual(0, await open.Page.EvaluateAsync<int>("[...document.images].filter(image => !image.naturalWidth).length"), "broken images");
        Assert.IsEmpty(open.Problems, string.Join(Environment.NewLine, open.Problems));
        Assert.IsTrue(open.Requests.All(url => url.StartsWith("file:", StringComparison.Ordinal) || url.StartsWith("data:", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task Slider_MovedToTheFirstEpoch_ShowsItsSharing()
    {
        OpenPage open = await OpenAsync();
        GateInterpretation gates = ReportFixture.Shared.Input.Model.Gates;
        ILocator cell = open.Page.Locator("[data-matrix='2'] tbody tr").Nth(0).Locator("td").Nth(3);
        ILocator slider = open.Page.Locator("#epoch");
        Assert.AreEqual(Rounded(gates.Block(1)[0, 3]), await cell.InnerTextAsync());

        await slider.FocusAsync();
        await open.Page.Keyboard.PressAsync("Home");

        Assert.AreEqual(Rounded(gates.Epochs[0].Blocks[1][0, 3]), await cell.InnerTextAsync());
        string all = string.Join(' ', await open.Page.Locator("[data-matrix] tbody td").AllInnerTextsAsync());
        Assert.AreEqual($"epoch 1 of {gates.Epochs.Count}", await open.Page.Locator("#epoch-name").InnerTextAsync());
        await open.Page.Keyboard.PressAsync("End");
        Assert.AreNotEqual(all, string.Join(' ', await open.Page.Locator("[data-matrix] tbody td").AllInnerTextsAsync()));
        Assert.StartsWith("the model as kept", await open.Page.Locator("#epoch-name").InnerTextAsync());
        Assert.IsEmpty(open.Problems);
    }

    [TestMethod]
    public async Task SortButton_PressedTwice_SortsBothWaysAndKeepsMeansLast()
    {
        OpenPage open = await OpenAsync();
        ILocator table = open.Page.Locator("#measures table").First;
        ILocator header = table.Locator("thead th").Nth(2);

        await header.Locator("button").FocusAsync();
        await open.Page.Keyboard.PressAsync("Enter");
        Assert.AreEqual("descending", await header.GetAttributeAsync("aria-sort"));
        double[] falling = await ValuesAsync(table);
        await open.Page.Keyboard.PressAsync("Enter");
        Assert.AreEqual("ascending", await header.GetAttributeAsync("aria-sort"));
        double[] rising = await ValuesAsync(table);

        Assert.HasCount(8, falling);
        CollectionAssert.AreEqual(falling.OrderDescending().ToArray(), falling);
        CollectionAssert.AreEqual(falling.Order().ToArray(), rising);
        Assert.AreEqual("mean", await table.Locator("tbody tr").Last.GetAttributeAsync("class"));
        Assert.AreEqual(1, await table.Locator("[aria-sort='ascending'], [aria-sort='descending']").CountAsync());
    }

    [TestMethod]
    public async Task ThemeButton_Pressed_TurnsTheColoursAndBack()
    {
        OpenPage open = await OpenAsync();
        Task<string> Background() => open.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        string light = await Background();

        await open.Page.Locator("#theme").ClickAsync();
        string dark = await Background();
        await open.Page.Locator("#theme").ClickAsync();

        Assert.AreEqual("rgb(246, 247, 249)", light);
        Assert.AreEqual("rgb(14, 17, 22)", dark);
        Assert.AreEqual(light, await Background());
        Assert.IsEmpty(open.Problems);
    }

    [TestMethod]
    public async Task Legend_Pressed_BringsOneLineForward()
    {
        OpenPage open = await OpenAsync();
        ILocator figure = open.Page.Locator("#curves figure").First;

        await figure.Locator(".legend button").Nth(1).ClickAsync();

        Assert.AreEqual(5, await figure.Locator(".series").CountAsync());
        Assert.AreEqual(1, await figure.Locator(".series.front").CountAsync());
        Assert.AreEqual("true", await figure.Locator(".legend button").Nth(1).GetAttributeAsync("aria-pressed"));
    }

    private static Task<OpenPage> OpenAsync(int width = 1280, int height = 900, ColorScheme colors = ColorScheme.Light) =>
        _browser!.OpenAsync(ReportFixture.Shared.Page, width, height, colors);

    private static async Task<double[]> ValuesAsync(ILocator table) =>
        [.. (await table.Locator("tbody tr:not(.mean) td:nth-child(3)").EvaluateAllAsync<string[]>("cells => cells.map(cell => cell.dataset.value)"))
            .Select(value => double.Parse(value, CultureInfo.InvariantCulture))];

    private static string Rounded(double percent) => percent.ToString("F0", CultureInfo.InvariantCulture);
}
