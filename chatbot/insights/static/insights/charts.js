// Chart.js takes one colour for its words; here it follows the page from light to dark and back.
const colour = () => (document.documentElement.classList.contains("dark") ? "#d5dae1" : "#374151");
const Chart = window.Chart;

const follow = () => {
  if (!Chart) return;
  Chart.defaults.color = colour();
  for (const chart of Object.values(Chart.instances)) {
    chart.options.color = colour();
    for (const axis of Object.values(chart.options.scales ?? {})) {
      axis.ticks = { ...axis.ticks, color: colour() };
      axis.title = { ...axis.title, color: colour() };
    }
    chart.options.plugins.legend.labels = { ...chart.options.plugins.legend.labels, color: colour(), usePointStyle: true };
    chart.update();
  }
};

follow();
new MutationObserver(follow).observe(document.documentElement, { attributeFilter: ["class"] });
window.addEventListener("load", follow);
