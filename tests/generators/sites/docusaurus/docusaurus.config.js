export default {
  title: "Greenhouse",
  url: "https://example.org",
  baseUrl: "/docs/",
  onBrokenLinks: "throw",
  presets: [
    ["classic", { docs: { routeBasePath: "/", sidebarPath: false }, blog: false, pages: false }],
  ],
};
