// A run whose input this program writes, and a browser that looks at it.
const { spawn } = require('node:child_process')
const { writeFileSync } = require('node:fs')
const { chromium } = require('playwright-core')
const [fanoutd, browserPath] = process.argv.slice(2)
let failed = 0
const check = (what, ok, found) => {
  if (ok) return
  failed++
  console.log(`FAILED: ${what}${found === undefined ? '' : ': ' + JSON.stringify(found)}`)
}

class Run {
  constructor (address, ...pipeline) {
    this.child = spawn(fanoutd, ['run', '--monitor', address, ...(pipeline.length ? pipeline : ['p.ini', '-'])],
      { stdio: ['pipe', 'inherit', 'pipe'] })
    if (!pipeline.length) this.child.stdin.write('t,k,b\n')
    this.url = new Promise(resolve => this.child.stderr.on('data', data => {
      const found = /http:\/\/[^/]*\//.exec(data)
      if (found) resolve(found[0])
    }))
    this.over = new Promise(resolve => this.child.on('exit', resolve))
  }

  // Each row of a window, then one behind it, so that it is over.
  window (start, rows) {
    const quote = text => '"' + text.replaceAll('"', '""') + '"'
    this.child.stdin.write(rows.map(([key, bytes]) => `${start},${quote(key)},${bytes}\n`).join('') + `${start + 1},end,0\n`)
  }

  async end () {
    this.child.stdin.end()
    return this.over
  }
}

const hostile = ['<script>alert(1)</script>', '<img src=x onerror=alert(2)>', 'a"b', "it's", 'x'.repeat(5000), '\u202eright to left', '${1}', '&amp;']

async function main () {
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] })
  const page = await browser.newPage({ colorScheme: 'light', viewport: { width: 1200, height: 900 } })
  const said = []
  page.on('console', message => message.type() === 'error' && !/ERR_|Failed to load resource/.test(message.text()) && said.push(message.text()))
  page.on('pageerror', error => said.push(error.message))
  page.on('dialog', dialog => { said.push('dialog: ' + dialog.message()); dialog.dismiss() })
  const text = selector => page.locator(selector).innerText()
  const waitFor = (what, test, argument) => page.waitForFunction(test, argument, { timeout: 30000 }).catch(() => check(what, false))
  const keys = () => page.locator('#rows tr:not(.gap) td:first-child').allTextContents()

  let run = new Run('127.0.0.1:0')
  const url = await run.url
  await page.goto(url)
  await waitFor('it is seen to run', () => document.querySelector('#state').textContent === 'running')
  check('no window yet', (await text('#empty')) === 'No window is over yet.', await text('#empty'))
  run.window(1000, hostile.map((key, i) => [key, i * 1000]))
  await waitFor('the first window', n => document.querySelectorAll('#rows tr').length === n, hostile.length)
  await waitFor('windows', () => /Windows open11 over/.test(document.querySelector('#cards').textContent))
  await waitFor('where rows come from', () => document.querySelector('#places').textContent.startsWith('standard input open, '))
  const shown = await keys()
  check('hostile keys are text', hostile.every(key => shown.some(cell => cell === key.slice(0, 500))), shown)
  check('numbers are grouped', (await text('#rows')).includes('7,000'), await text('#rows'))

  await page.locator('#names th', { hasText: 'bytes' }).click()
  check('sorted down', (await keys())[0] === '&amp;', await keys())
  await page.locator('#names th', { hasText: 'bytes' }).click()
  check('sorted up', (await keys())[0] === hostile[0], await keys())

  await page.fill('#where', 'bytes > 5500')
  await waitFor('a filter', () => document.querySelectorAll('#rows tr').length === 2)
  await page.fill('#where', 'bytess > 5500')
  await waitFor('a wrong filter', () => !document.querySelector('#wrong').hidden)
  check('and why', (await text('#wrong')).includes("did you mean 'bytes'?"), await text('#wrong'))
  await page.fill('#where', "k = 'nobody'")
  await waitFor('nothing is left', () => document.querySelector('#empty').textContent === 'No row is as the filter wants it.')
  await page.fill('#where', '')
  await waitFor('all are back', n => document.querySelectorAll('#rows tr').length === n, hostile.length)

  const many = Array.from({ length: 10000 }, (_, i) => [`key ${String(i).padStart(5, '0')}`, i])
  await page.evaluate(() => {
    window.longest = 0
    let before = performance.now()
    const step = now => { window.longest = Math.max(window.longest, now - before); before = now; requestAnimationFrame(step) }
    requestAnimationFrame(step)
  })
  for (let i = 0; i < 10; i++) run.window(2000 + i * 2, many)
  await waitFor('ten thousand rows', () => document.querySelector('#about').textContent.includes('10,000 rows'))
  check('few of them are in the document', await page.locator('#rows tr').count() < 120, await page.locator('#rows tr').count())
  await page.locator('#scroller').evaluate(node => { node.scrollTop = node.scrollHeight })
  await waitFor('the last row', () => [...document.querySelectorAll('#rows td')].some(cell => cell.textContent === 'key 09999'))
  console.log(`longest frame: ${Math.round(await page.evaluate(() => window.longest))} ms`)

  const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.emulateMedia({ colorScheme: 'dark' })
  check('dark', light !== await page.evaluate(() => getComputedStyle(document.body).backgroundColor), light)
  await page.setViewportSize({ width: 360, height: 700 })
  check('a telephone', await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))

  check('the run', await run.end() === 0)
  await waitFor('it is seen to end', () => document.querySelector('#state').textContent === 'ended')
  run = new Run(url.slice('http://'.length, -1))
  await run.url
  await waitFor('another run is found', () => document.querySelector('#state').textContent === 'running')
  run.window(5000, [['after', 1]])
  await waitFor('and its rows', () => [...document.querySelectorAll('#rows td')].some(cell => cell.textContent === 'after'))
  run.child.kill('SIGKILL')
  await waitFor('a lost one', () => document.querySelector('#state').textContent === 'reconnecting')
  check('it is said', (await text('#notice')).startsWith('No connection since'), await text('#notice'))

  run = new Run(url.slice('http://'.length, -1), 'follow.ini')
  await waitFor('a run that is not well', () => document.querySelector('#state').textContent === 'running, not well')
  check('why', (await text('#notice')).includes('the input in.csv is not there'), await text('#notice'))
  check('which', (await text('#places')).includes('in.csv gone'), await text('#places'))
  writeFileSync('in.csv', 't,k,b\n1,<b>,2\n3,b,4\n')
  await waitFor('it is well again', () => document.querySelector('#state').textContent === 'running')
  await waitFor('positions', () => document.querySelector('#places').textContent.includes('in.csv open, 20\u00a0B of 20\u00a0B'))
  await waitFor('checkpoints', () => /\d checkpoints, the last of .* ago/.test(document.querySelector('#places').textContent))
  check('what they cost', /pause \d+ ms, at most \d+ ms/.test(await text('#places')), await text('#places'))
  check('files', (await text('#places')).includes('1 file taken up'), await text('#places'))
  run.child.kill('SIGTERM')
  check('its end', await run.over === 0)
  check('nothing went wrong', said.length === 0, said)
  await browser.close()
}
main().then(() => process.exit(failed ? 1 : 0), error => { console.log(error); process.exit(1) })
