// The values under the pointer, in every chart.
for (const plot of document.querySelectorAll('.plot')) {
  const series = JSON.parse(plot.dataset.series);
  const width = Number(plot.dataset.width);
  const cursor = document.createElement('div');
  const tip = document.createElement('div');
  cursor.className = 'cursor';
  tip.className = 'tip';
  const nearest = (points, x) => points.reduce((a, b) => Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a);
  plot.addEventListener('pointermove', event => {
    const box = plot.getBoundingClientRect();
    const x = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * width;
    const at = nearest(series[0].points, x)[0];
    cursor.style.left = 100 * at / width + '%';
    tip.replaceChildren(...[['', 'epoch ' + at.toFixed(2)], ...series.map(s => [s.style, s.name + ' ' + nearest(s.points, at)[1]])]
      .map(([style, text]) => {
        const line = document.createElement('div');
        line.className = style;
        line.textContent = text;
        return line;
      }));
    tip.style.left = at < width / 2 ? 'calc(' + 100 * at / width + '% + 10px)' : '';
    tip.style.right = at < width / 2 ? '' : 'calc(' + (100 - 100 * at / width) + '% + 10px)';
    plot.append(cursor, tip);
  });
  plot.addEventListener('pointerleave', () => { cursor.remove(); tip.remove(); });
}
